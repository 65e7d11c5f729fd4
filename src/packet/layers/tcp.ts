import { checkInteger, checkString, wrongValue } from '../../check';
import { PROTOCOL_TCP, TCP_HEADER } from '../layout';
import { TcpView } from '../view/tcp-view';
import { write16 } from '../view/bytes';
import { join, type Codec } from './codec';
import { parseTcpOptions, writeTcpOptions } from './tcp-options';
import type { TcpLayer } from './types';

/** The flags from the lowest bit on. */
const LETTERS = 'FSRPAUECN';

export const tcp: Codec<TcpLayer> = {
  read(bytes, offset, end) {
    const view = new TcpView(bytes);
    if (!view.check(offset, end)) return undefined;
    const { srcPort, dstPort, sequence, acknowledgment, window, checksum, urgent, payloadOffset } = view;
    const layer: TcpLayer = {
      layer: 'tcp',
      srcPort,
      dstPort,
      sequence,
      acknowledgment,
      flags: formatTcpFlags(view.flags),
      reserved: (bytes[offset + 12] >>> 1) & 7,
      window,
      checksum,
      urgent,
      options: parseTcpOptions(bytes, offset + TCP_HEADER, payloadOffset),
    };
    return { layer, offset: payloadOffset, end, next: { by: 'nothing' } };
  },

  write(layer, inner, _, addresses) {
    const { srcPort = 1234, dstPort = 80, sequence = 0, acknowledgment = 0, flags = 'S', reserved = 0 } = layer;
    const options = writeTcpOptions(layer.options ?? []);
    const packet = join(new Uint8Array(TCP_HEADER), options, inner);
    const view = new TcpView(packet).at(0, packet.length);
    view.srcPort = checkInteger('srcPort', srcPort, 0, 0xffff);
    view.dstPort = checkInteger('dstPort', dstPort, 0, 0xffff);
    view.sequence = checkInteger('sequence', sequence, 0, 0xffffffff);
    view.acknowledgment = checkInteger('acknowledgment', acknowledgment, 0, 0xffffffff);
    const words = (TCP_HEADER + options.length) / 4;
    write16(packet, 12, (words << 12) | (checkInteger('reserved', reserved, 0, 7) << 9) | parseTcpFlags(flags));
    view.window = checkInteger('window', layer.window ?? 65535, 0, 0xffff);
    view.urgent = checkInteger('urgent', layer.urgent ?? 0, 0, 0xffff);
    if (layer.checksum === undefined) view.fillChecksum(addresses + PROTOCOL_TCP + packet.length);
    else view.checksum = checkInteger('tcp checksum', layer.checksum, 0, 0xffff);
    return packet;
  },
};

/** Flags as letters, for example `SA` for SYN and ACK. */
export function formatTcpFlags(flags: number): string {
  return [...LETTERS].filter((_, bit) => ((flags >>> bit) & 1) !== 0).join('');
}

/** @throws TypeError for letters that are no flags */
export function parseTcpFlags(letters: string): number {
  let flags = 0;
  checkString('flags', letters);
  for (const letter of letters) {
    const bit = LETTERS.indexOf(letter);
    if (bit < 0) throw wrongValue('flags', `must be made of the letters ${LETTERS}`, letters);
    flags |= 1 << bit;
  }
  return flags;
}
