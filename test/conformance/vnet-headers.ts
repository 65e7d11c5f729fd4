import { BROADCAST, frame, mac, queue, take, tagOf } from '../support/frames';
import {
  internetFrame,
  look,
  payloadByte,
  transportOffset,
  vnetHeader,
  type InternetFrame,
} from '../support/internet-frames';
import type { Lab } from './lab';
import type { Topic } from './scenario';
import { valeRequests } from './vale-requests';
import { cut, frames, queuePieces, sendVnet, takeSlots, vnetPort, type Received } from './vnet';

const [EIO, ENXIO, EINVAL, ENODEV] = [5, 6, 22, 19];

/** A header that makes no sense: who only passes it on does not mind. */
const NONSENSE = { flags: 0xff, gsoType: 0x77, headerLength: 1, segmentSize: 2, checksumStart: 3, checksumOffset: 4 };

/**
 * Bytes of a frame before which the kernel can put a header without writing beyond the end of a buffer: it copies 64 bytes
 * at a time.
 */
const LONG = 1984;

function concat(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

function shape(slots: Received[]): [number, number][] {
  return slots.map(({ flags, bytes }) => [flags, bytes.length]);
}

/** A sender with a header of `from` bytes and a receiver with one of `to`. */
function pair(lab: Lab, from: number, to: number) {
  return { a: vnetPort(lab, 'a', from), b: vnetPort(lab, 'b', to) };
}

/** Fields for completing the checksum of a frame. */
function needsChecksum(options: InternetFrame) {
  return { flags: 1, checksumStart: transportOffset(options), checksumOffset: options.udp ? 6 : 16 };
}

export const vnetHeaders: Topic = {
  title: 'virtio-net headers',
  rules: {
    'have 0, 10 or 12 bytes, and are set on ports of a switch': (t, lab) => {
      const vale = valeRequests(lab);
      const name = `${lab.vale}:a`;
      const port = lab.port('a');
      for (const length of [0, 10, 12]) {
        t.equal(vale.setHeader(name, length), 0);
        t.equal(vale.header(name), length);
      }
      for (const length of [1, 9, 11, 13, 0xffffffff]) t.equal(vale.setHeader(name, length), EINVAL, `${length}`);
      t.equal(vale.header(name), 12);
      const pipe = lab.open({ name: `${lab.vale}:a{1` });
      t.equal(vale.header(`${lab.vale}:a{1`), 0);
      t.equal(vale.setHeader(`${lab.vale}:a{1`, 12), ENXIO);
      pipe.close();
      for (const other of [`${lab.vale}:nosuch`, `${lab.vale}y:a`, 'nosuch', '', 'vale0']) {
        t.equal(vale.setHeader(other, 12), ENXIO, `'${other}'`);
        t.equal(vale.header(other), -ENXIO, `'${other}'`);
      }
      t.equal(vale.setHeader(`${lab.vale}:nosuch`, 99), EINVAL);
      t.equal(vale.header(`${lab.parent}{1`), -ENODEV);
      port.close();
      lab.port('a');
      t.equal(vale.header(name), 0, 'a new port');
    },

    'must be accepted': (t, lab) => {
      const vale = valeRequests(lab);
      const name = `${lab.vale}:a`;
      lab.port('a');
      vale.setHeader(name, 12);
      t.equal(lab.register(name).errno, EIO);
      t.equal(lab.register(name, { flags: 0x8000 }).errno, 0);
      vale.setHeader(name, 0);
      t.equal(lab.register(name).errno, 0);
    },

    'stay with a persistent port': (t, lab) => {
      const vale = valeRequests(lab);
      const name = lab.parent;
      vale.newIf(name, { txSlots: 8, rxSlots: 8 });
      t.equal(vale.setHeader(name, 12), ENXIO, 'not on a switch');
      t.equal(vale.header(name), 0);
      vale.attach(`${lab.vale}:${name}`);
      t.equal(vale.setHeader(`${lab.vale}:${name}`, 12), 0);
      vale.detach(`${lab.vale}:${name}`);
      t.equal(vale.header(name), 12);
      t.equal(lab.register(name).errno, EIO);
    },

    'between ports with the same length nobody looks at them': (t, lab) => {
      for (const size of [10, 12]) {
        const a = vnetPort(lab, `a${size}`, size);
        const b = vnetPort(lab, `b${size}`, size);
        const sent = internetFrame({ payload: 3000 });
        sendVnet(a, size, NONSENSE, sent);
        const found = takeSlots(b);
        t.strictSame(shape(found), [
          [0x220, a.tx.bufSize],
          [0x200, size + sent.length - a.tx.bufSize],
        ]);
        t.strictSame(frames(found)[0].bytes, Buffer.from(concat(vnetHeader(size, NONSENSE), sent)));
        a.port.close();
        b.port.close();
      }
    },

    'come before the addresses, in the same slot or in one of their own': (t, lab) => {
      const { a, b } = pair(lab, 12, 12);
      const o = vnetPort(lab, 'o', 0);
      queue(o.tx, frame(1, BROADCAST, mac(9)));
      o.port.txSync();
      takeSlots(b);
      const back = frame(2, mac(9), mac(1));
      sendVnet(a, 12, {}, back);
      sendVnet(a, 12, {}, back, 12, 100);
      t.strictSame(
        takeSlots(o).map(({ bytes }) => tagOf(bytes)),
        [2, 2],
      );
      t.strictSame(takeSlots(b), [], 'learned, looked up behind the header');
    },

    'without 14 bytes behind them a frame is dropped': (t, lab) => {
      const { a, b } = pair(lab, 12, 12);
      const good = frame(1);
      for (const [length, ...lengths] of [[13], [0], [13, 12, 100], [60, 11, 100], [60, 20, 100]]) {
        sendVnet(a, 12, {}, good.subarray(0, length), ...(lengths.length > 0 ? lengths : [100]));
        t.strictSame(takeSlots(b), [], `${length} bytes in slots of ${lengths.join(', ')}`);
      }
      queuePieces(a.tx, vnetHeader(12).subarray(0, 11));
      a.port.txSync();
      t.strictSame(takeSlots(b), []);
      sendVnet(a, 12, {}, good.subarray(0, 14));
      sendVnet(a, 12, {}, good.subarray(0, 14), 12, 100);
      sendVnet(a, 12, {}, good.subarray(0, 20), 26, 100);
      t.strictSame(shape(takeSlots(b)), [
        [0x100, 26],
        [0x220, 12],
        [0x200, 14],
        [0x220, 26],
        [0x200, 6],
      ]);
    },

    'are zero when the sender has none': (t, lab) => {
      const a = vnetPort(lab, 'a', 0);
      for (const size of [10, 12]) {
        const b = vnetPort(lab, `b${size}`, size);
        const sent = frame(1, BROADCAST, mac(1), 142);
        queuePieces(a.tx, sent);
        queuePieces(a.tx, ...cut(sent, 50, 40));
        queuePieces(a.tx, frame(2, BROADCAST, mac(1), LONG));
        a.port.txSync();
        const found = takeSlots(b);
        t.strictSame(shape(found), [
          [0x100, size + 142],
          [0x420, size + 50],
          [0x420, 40],
          [0x420, 40],
          [0x400, 12],
          [0x100, size + LONG],
        ]);
        for (const { bytes } of frames(found).slice(0, 2)) {
          t.strictSame([...bytes], [...new Uint8Array(size), ...sent]);
        }
        t.equal(tagOf(found[5].bytes.subarray(size)), 2);
        b.port.close();
      }
    },

    'make a frame as long as a buffer, and longer': (t, lab) => {
      lab.by('vnet-overflow', { kernel: undefined, engine: undefined });
      if (lab.device === 'kernel') {
        t.comment('the kernel would write over memory of others: not tried');
        return;
      }
      const { a, b } = pair(lab, 0, 12);
      for (const more of [-12, -11, 0]) {
        queuePieces(a.tx, frame(1, BROADCAST, mac(1), a.tx.bufSize + more));
        a.port.txSync();
        const found = takeSlots(b);
        t.strictSame(
          shape(found),
          more === -12
            ? [[0x100, b.rx.bufSize]]
            : [
                [0x220, b.rx.bufSize],
                [0x200, 12 + more],
              ],
        );
        t.equal(tagOf(frames(found)[0].bytes.subarray(12)), 1);
      }
    },

    'are cut and lengthened': (t, lab) => {
      const sent = frame(1, BROADCAST, mac(1), 142);
      for (const [from, to] of [
        [10, 12],
        [12, 10],
      ]) {
        const a = vnetPort(lab, `a${from}`, from);
        const b = vnetPort(lab, `b${from}`, to);
        sendVnet(a, from, NONSENSE, sent);
        sendVnet(a, from, NONSENSE, sent, from, 100);
        const found = takeSlots(b);
        t.strictSame(shape(found), [
          [0x100, to + 142],
          [0x320, to],
          [0x320, 100],
          [0x300, 42],
        ]);
        const header = new Uint8Array(to);
        header.set(vnetHeader(10, NONSENSE));
        for (const { bytes } of frames(found)) t.strictSame([...bytes], [...header, ...sent]);
        a.port.close();
        b.port.close();
      }
    },

    'go when the receiver has none; one that makes no sense takes its frame along': (t, lab) => {
      const { a, b } = pair(lab, 12, 0);
      const sent = frame(1, BROADCAST, mac(1), 142);
      sendVnet(a, 12, {}, sent);
      sendVnet(a, 12, { flags: 2 }, sent);
      sendVnet(a, 12, {}, sent, 12, 100);
      for (const fields of [{ flags: 4 }, { flags: 0x80 }, { gsoType: 2 }, { gsoType: 5 }, { gsoType: 0x82 }]) {
        sendVnet(a, 12, fields, sent);
      }
      const found = takeSlots(b);
      t.strictSame(shape(found), [
        [0x100, 142],
        [0x100, 142],
        [0x220, 100],
        [0x200, 42],
      ]);
      for (const { bytes } of frames(found)) t.equal(tagOf(bytes), 1);
      t.strictSame(a.port.counters()?.dropBad, lab.by('counters', { kernel: undefined, engine: 5 }));
    },

    'checksums are completed': (t, lab) => {
      const { a, b } = pair(lab, 12, 0);
      for (const options of [{}, { v6: true }, { vlans: 1 }] as InternetFrame[]) {
        for (const udp of [false, true]) {
          for (const payload of [0, 1, 101, 1000]) {
            const wanted = { ...options, udp, payload };
            const sent = internetFrame(wanted);
            sendVnet(a, 12, needsChecksum(wanted), sent);
            sendVnet(a, 12, needsChecksum(wanted), sent, 12, 2000);
            sendVnet(a, 12, needsChecksum(wanted), sent, 12 + 100, 40);
            for (const { bytes } of frames(takeSlots(b))) {
              const { checksum, lengths, ipChecksum, payload: got } = look(bytes);
              t.ok(checksum && lengths && ipChecksum, JSON.stringify(wanted));
              t.ok(got.length === payload && got.every((byte, i) => byte === payloadByte(i)));
            }
          }
        }
      }
    },

    'checksums over slots with odd lengths, or with the field not in the first': (t, lab) => {
      const { a, b } = pair(lab, 12, 0);
      const sent = internetFrame({ udp: true });
      const fields = needsChecksum({ udp: true });
      sendVnet(a, 12, fields, sent, 12 + 61, 41, 100);
      sendVnet(a, 12, fields, sent, 12 + 30, 100);
      const right = frames(takeSlots(b)).map(({ bytes }) => look(bytes).checksum);
      t.strictSame(right, lab.by('vnet-checksum-slots', { kernel: [false, false], engine: [true, true] }));
    },

    'checksums that are to lie outside the frame are not touched': (t, lab) => {
      const { a, b } = pair(lab, 12, 0);
      const sent = internetFrame({ udp: true });
      for (const [checksumStart, checksumOffset] of [
        [sent.length - 4, 5],
        [sent.length - 1, 100],
        [0, 65535],
      ]) {
        sendVnet(a, 12, { flags: 1, checksumStart, checksumOffset }, sent);
        t.strictSame([...frames(takeSlots(b))[0].bytes], [...sent]);
      }
    },

    'a checksum of 0': (t, lab) => {
      const { a, b } = pair(lab, 12, 0);
      const sent = internetFrame({ udp: true });
      // The last word is chosen so that the sum comes to 0.
      sendVnet(a, 12, needsChecksum({ udp: true }), sent);
      const [first] = frames(takeSlots(b));
      const view = new DataView(sent.buffer);
      const missing = new DataView(first.bytes.buffer, first.bytes.byteOffset).getUint16(40);
      const sum = view.getUint16(sent.length - 2) + missing;
      view.setUint16(sent.length - 2, (sum & 0xffff) + (sum >> 16));
      sendVnet(a, 12, needsChecksum({ udp: true }), sent);
      const { bytes } = frames(takeSlots(b))[0];
      t.equal(
        new DataView(bytes.buffer, bytes.byteOffset).getUint16(40),
        lab.by('vnet-zero-checksum', { kernel: 0, engine: 0xffff }),
      );
      t.ok(look(bytes).checksum);
    },

    'the length may change while frames flow': (t, lab) => {
      const vale = valeRequests(lab);
      const { a, b } = pair(lab, 0, 0);
      const sent = frame(1);
      const shapes: [number, number][] = [];
      for (const length of [0, 12, 10, 0]) {
        vale.setHeader(`${lab.vale}:b`, length);
        queuePieces(a.tx, sent);
        a.port.txSync();
        shapes.push(...shape(takeSlots(b)));
      }
      t.strictSame(shapes, [
        [0x100, 60],
        [0x100, 72],
        [0x100, 70],
        [0x100, 60],
      ]);
      vale.setHeader(`${lab.vale}:a`, 12);
      sendVnet(a, 12, {}, sent);
      t.strictSame(take(b.rx), [1]);
    },
  },
};
