import type { Port } from '../support/library';
import { frame } from '../support/frames';
import { internetFrame, look, payloadByte, transportOffset, type InternetFrame } from '../support/internet-frames';
import type { Topic } from './scenario';
import { valeRequests } from './vale-requests';
import { frames, sendVnet, takeSlots, vnetPort, type Received } from './vnet';

const [TCP4, UDP, TCP6, ECN] = [1, 3, 4, 0x80];
const SEGMENT = 1514;

function gso(options: InternetFrame, gsoType: number) {
  return {
    flags: 1,
    gsoType,
    headerLength: 54,
    segmentSize: 500, // nobody looks at it
    checksumStart: transportOffset(options),
    checksumOffset: options.udp ? 6 : 16,
  };
}

/** What a large frame is to become: lengths, identifications, sequence numbers, flags. */
function expected(options: InternetFrame) {
  const { v6 = false, udp = false, payload = 100, tcpOptions = 0, tcpFlags = 0x10 } = options;
  const headers = transportOffset(options) + (udp ? 8 : 20 + tcpOptions);
  const room = SEGMENT - headers;
  return Array.from({ length: Math.ceil(payload / room) }, (_, i) => {
    const last = (i + 1) * room >= payload;
    return {
      length: headers + (last ? payload - i * room : room),
      lengths: true,
      ipChecksum: true,
      checksum: true,
      ...(v6 ? {} : { id: (0xfffe + i) & 0xffff }),
      ...(udp ? {} : { sequence: (0xfffffc00 + i * room) >>> 0, tcpFlags: last ? tcpFlags : tcpFlags & ~9 }),
    };
  });
}

function seen(found: Received[]) {
  return found.map(({ bytes }) => {
    const { payload, ...rest } = look(bytes);
    void payload;
    return rest;
  });
}

/** Whether the payloads of all segments are the large frame's. */
function intact(found: Received[], length: number): boolean {
  const bytes = Buffer.concat(found.map((each) => look(each.bytes).payload));
  return bytes.length === length && bytes.every((byte, i) => byte === payloadByte(i));
}

export const vnetSegments: Topic = {
  title: 'virtio-net headers: large frames to a port without',
  rules: {
    'become segments of 1514 bytes with headers and checksums of their own': (t, lab) => {
      const a = vnetPort(lab, 'a', 12);
      const b = vnetPort(lab, 'b', 0);
      const cases: [InternetFrame, number][] = [
        [{ payload: 4000, tcpFlags: 0x19 }, TCP4],
        [{ payload: 1460, tcpFlags: 0x19 }, TCP4],
        [{ payload: 2920, tcpFlags: 0x19 }, TCP4],
        [{ payload: 2921 }, TCP4],
        [{ payload: 1, tcpFlags: 0x19 }, TCP4],
        [{ payload: 30000, tcpFlags: 0x18 }, TCP4],
        [{ payload: 4000, tcpOptions: 12, tcpFlags: 0xd8 }, TCP4],
        [{ payload: 4000, tcpOptions: 40 }, TCP4],
        [{ payload: 4000, tcpFlags: 0x90 }, TCP4 | ECN],
        [{ payload: 4000 }, ECN],
        [{ payload: 4000, vlans: 1 }, TCP4],
        [{ payload: 4000, vlans: 2 }, TCP4],
        [{ payload: 4000, v6: true, tcpFlags: 0x19 }, TCP6],
        [{ payload: 4001, v6: true, vlans: 1, tcpOptions: 12 }, TCP6],
        [{ payload: 4000, v6: true }, TCP4],
        [{ payload: 4000 }, TCP6],
        [{ payload: 4000, udp: true }, UDP],
        [{ payload: 1472, udp: true }, UDP],
        [{ payload: 4001, udp: true, v6: true }, UDP],
      ];
      for (const [options, type] of cases) {
        sendVnet(a, 12, gso(options, type), internetFrame(options));
        const found = takeSlots(b);
        const what = `${JSON.stringify(options)} type ${type}`;
        t.strictSame(seen(found), expected(options), what);
        t.ok(intact(found, options.payload ?? 0), what);
        t.ok(
          found.every(({ flags }) => flags === 0),
          'segments do not tell how many slots they have',
        );
      }
    },

    'however they lie in slots': (t, lab) => {
      const a = vnetPort(lab, 'a', 12);
      const b = vnetPort(lab, 'b', 0);
      const options = { payload: 4000 };
      for (const lengths of [
        [12, 2000],
        [12 + 54, 2000],
        [12, 54, 54],
        [100, 101],
      ]) {
        sendVnet(a, 12, gso(options, TCP4), internetFrame(options), ...lengths);
        const found = takeSlots(b);
        t.strictSame(seen(found), expected(options), `slots of ${lengths.join(', ')}`);
        t.ok(intact(found, 4000));
      }
    },

    'with their headers in several slots': (t, lab) => {
      const a = vnetPort(lab, 'a', 12);
      const b = vnetPort(lab, 'b', 0);
      const options = { payload: 4000 };
      for (const lengths of [
        [12 + 53, 2000],
        [12 + 14, 20, 7, 1000],
      ]) {
        sendVnet(a, 12, gso(options, TCP4), internetFrame(options), ...lengths);
        t.strictSame(
          seen(takeSlots(b)),
          lab.by('vnet-split-headers', { kernel: [], engine: expected(options) }),
          `slots of ${lengths.join(', ')}`,
        );
      }
    },

    'whether or not a checksum is wanted, and behind a header of 10 bytes': (t, lab) => {
      const a = vnetPort(lab, 'a', 10);
      const b = vnetPort(lab, 'b', 0);
      const options = { payload: 4000 };
      sendVnet(a, 10, { ...gso(options, TCP4), flags: 0 }, internetFrame(options));
      t.strictSame(seen(takeSlots(b)), expected(options));
    },

    'with IPv4 options': (t, lab) => {
      const a = vnetPort(lab, 'a', 12);
      const b = vnetPort(lab, 'b', 0);
      const options = { payload: 4000, ipOptions: 8 };
      sendVnet(a, 12, gso(options, TCP4), internetFrame(options));
      const found = takeSlots(b);
      const ipChecksum = lab.by('vnet-ip-options', { kernel: false, engine: true });
      t.strictSame(
        seen(found),
        expected(options).map((segment) => ({ ...segment, ipChecksum })),
      );
      t.ok(intact(found, 4000));
    },

    'headers that belong together wrongly': (t, lab) => {
      const a = vnetPort(lab, 'a', 12);
      const b = vnetPort(lab, 'b', 0);
      const send = (change: (bytes: Uint8Array) => void, udp = false, type = TCP4) => {
        const bytes = internetFrame({ payload: 4000, udp });
        change(bytes);
        sendVnet(a, 12, gso({ udp }, type), bytes);
        return takeSlots(b).length;
      };
      const counts = [
        send((bytes) => (bytes[14] = 0x44)), // an IPv4 header of 16 bytes
        send((bytes) => (bytes[34 + 12] = 0x40)), // a TCP header of 16 bytes
        send(() => {}, true, TCP4), // UDP as TCP
        send(() => {}, false, UDP), // TCP as UDP
      ];
      t.strictSame(counts, lab.by('vnet-nonsense', { kernel: [3, 3, 3, 3], engine: [0, 0, 0, 0] }));
      t.equal(
        send((bytes) => (bytes[13] = 6)),
        0,
        'no IP',
      );
      const short = internetFrame({ payload: 0 });
      for (const length of [54, 53, 40, 30, 16, 14]) {
        sendVnet(a, 12, gso({}, TCP4), short.subarray(0, length));
        t.strictSame(takeSlots(b), [], `${length} bytes`);
      }
      t.strictSame(a.port.counters()?.dropBad, lab.by('counters', { kernel: undefined, engine: 11 }));
    },

    'are lost alone if they find no room, whole, and counted': (t, lab) => {
      const a = vnetPort(lab, 'a', 12);
      const b = vnetPort(lab, 'b', 0);
      const small = vnetPort(lab, 'c', 0, 16);
      const fits = { payload: 20000 };
      sendVnet(a, 12, gso(fits, TCP4), internetFrame(fits));
      t.equal(takeSlots(small).length, 14);
      t.equal(takeSlots(b).length, 14);
      const large = { payload: 25000 };
      const { tx } = a;
      sendVnet({ port: { txSync() {} } as Port, tx }, 12, gso(large, TCP4), internetFrame(large));
      sendVnet(a, 12, {}, frame(7));
      t.strictSame(
        takeSlots(small).map(({ bytes }) => bytes.length),
        [60],
      );
      t.equal(takeSlots(b).length, 19);
      t.strictSame(small.port.counters()?.dropFull, lab.by('counters', { kernel: undefined, engine: 1 }));
    },

    'to a port that had a header before': (t, lab) => {
      const vale = valeRequests(lab);
      const a = vnetPort(lab, 'a', 12);
      const b = vnetPort(lab, 'b', 12);
      vale.setHeader(`${lab.vale}:b`, 0);
      const options = { payload: 8000 };
      sendVnet(a, 12, gso(options, TCP4), internetFrame(options));
      t.strictSame(seen(takeSlots(b)), lab.by('vnet-had-header', { kernel: [], engine: expected(options) }));
    },

    'at the same time to ports with and without': (t, lab) => {
      const a = vnetPort(lab, 'a', 12);
      const [none, short, long] = [0, 10, 12].map((size) => vnetPort(lab, `b${size}`, size));
      const options = { payload: 4000 };
      const sent = internetFrame(options);
      // With slots that are full to the brim the kernel would write beyond the end of buffers: see vnet-overflow.
      sendVnet(a, 12, gso(options, TCP4), sent, 1500);
      t.strictSame(seen(takeSlots(none)), expected(options));
      const [atShort] = frames(takeSlots(short));
      t.equal(atShort.flags, 0x320);
      t.strictSame(Buffer.from(atShort.bytes.subarray(10)), Buffer.from(sent));
      const [atLong] = frames(takeSlots(long));
      t.strictSame(Buffer.from(atLong.bytes.subarray(12)), Buffer.from(sent));
      t.strictSame([...atLong.bytes.subarray(0, 10)], [...atShort.bytes.subarray(0, 10)]);
    },
  },
};
