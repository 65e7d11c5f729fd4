import { arp } from './arp';
import { copyOf, EMPTY, type Codec } from './codec';
import { ethernet, vlan } from './ethernet';
import { icmp, icmpv6 } from './icmp';
import { ipv4 } from './ipv4';
import { ipv6, ipv6Extension } from './ipv6';
import { tcp } from './tcp';
import { gre, vxlan } from './tunnels';
import type { Layer, PayloadLayer } from './types';
import { udp } from './udp';

const payload: Codec<PayloadLayer> = {
  read: (bytes, offset, end) => ({
    layer: { layer: 'payload', data: copyOf(bytes, offset, end) },
    offset: end,
    end,
    next: { by: 'nothing' },
  }),
  write: ({ data = EMPTY }) => data,
};

/** How each layer is read and written. */
export const codecs: { [K in Layer['layer']]: Codec<Extract<Layer, { layer: K }>> } = {
  ethernet,
  vlan,
  arp,
  ipv4,
  ipv6,
  'ipv6-extension': ipv6Extension,
  icmp,
  icmpv6,
  udp,
  tcp,
  vxlan,
  gre,
  payload,
};
