import t from 'tap';
import { pipe, vale } from './folder';
import { open, type Ring } from 'node-netmap';
import { Random } from './random';
import { codeOf } from './throws';

/** Rings of any size must wrap right, from every start: netmap's are not powers of two. */
const SIZES = [2, 3, 7, 8, 13, 64, 1000];

/** What a ring must show, whatever was done to it. */
function invariants(ring: Ring): string | undefined {
  const { head, cur, tail, numSlots, available } = ring;
  if (!(head >= 0 && head < numSlots)) return `head ${head}`;
  if (!(tail >= 0 && tail < numSlots)) return `tail ${tail}`;
  if (available !== (tail - head + numSlots) % numSlots) return `available ${available}`;
  if ((cur - head + numSlots) % numSlots > available) return `cur ${cur} is not between ${head} and ${tail}`;
  if (ring.next(numSlots - 1) !== 0 || ring.next(0) !== 1 % numSlots) return 'next';
  return undefined;
}

// Null ports take everything only on the engine.
t.test('a port alone on its switch takes everything: tx against a model', async (t) => {
  for (const size of SIZES) {
    using port = open(vale('model'), { txSlots: size });
    const [ring] = port.txRings;
    const random = new Random(size);
    let head = 0;
    let left = size - 1;
    let wrong: string | undefined;
    for (let step = 0; step < 2000 && wrong === undefined; step++) {
      if (ring.head !== head || ring.available !== left) wrong = `step ${step}: ${ring.head}, ${ring.available}`;
      const n = random.below(left + 1);
      if (random.below(4) === 0) {
        port.txSync();
        left = size - 1;
      } else {
        ring.advance(n);
        head = (head + n) % size;
        left -= n;
      }
      wrong ??= invariants(ring);
      const tooMany = ring.available + 1 + random.below(size);
      if (codeOf(() => ring.advance(tooMany)) !== 'ERR_OUT_OF_RANGE') wrong = `advance(${tooMany}) was accepted`;
    }
    t.equal(wrong, undefined, `${size} slots`);
  }
});

t.test('setHead and setCur take every slot between head and tail, and no other', async (t) => {
  for (const size of [2, 7, 13]) {
    for (let start = 0; start < size; start++) {
      using port = open(vale('model'), { txSlots: size });
      const [ring] = port.txRings;
      for (let k = 0; k < start; k++) {
        ring.advance(1);
        port.txSync();
      }
      const { head, tail, available } = ring;
      let wrong = '';
      for (let i = 0; i < size; i++) {
        const inside = (i - head + size) % size <= available;
        if ((codeOf(() => ring.setCur(i)) === undefined) !== inside) wrong += ` setCur(${i})`;
      }
      ring.setCur(tail);
      if (ring.cur !== tail || ring.head !== head) wrong += ' cur';
      ring.advance(Math.min(1, available));
      port.txSync();
      ring.setHead(ring.tail);
      if (ring.head !== ring.tail || ring.cur !== ring.tail || ring.available !== 0) wrong += ' setHead';
      if (size > 2 && codeOf(() => ring.setHead((ring.head + 1) % size)) !== 'ERR_OUT_OF_RANGE') wrong += ' beyond';
      t.equal(wrong, '', `${size} slots from ${start}`);
    }
  }
});

t.test('setHead leaves a cur that lies ahead, and takes along one that would be left behind', async (t) => {
  using port = open('null:', { txSlots: 13 });
  const [ring] = port.txRings;
  ring.setCur(8);
  ring.setHead(5);
  t.strictSame([ring.head, ring.cur], [5, 8]);
  ring.setHead(9);
  t.strictSame([ring.head, ring.cur], [9, 9]);
});

t.test('a pipe loses nothing and keeps the order, whatever the pace of both ends', async (t) => {
  for (const size of SIZES) {
    using a = open(pipe('{', `s${size}`), { txSlots: size, rxSlots: size });
    using b = open(pipe('}', `s${size}`), { txSlots: size, rxSlots: size });
    const [tx] = a.txRings;
    const [rx] = b.rxRings;
    const random = new Random(size);
    let sent = 0;
    let received = 0;
    let wrong: string | undefined;
    for (let step = 0; step < 3000 && wrong === undefined; step++) {
      switch (random.below(4)) {
        case 0: {
          const n = random.below(tx.available + 1);
          for (let k = 0, i = tx.head; k < n; k++, i = tx.next(i)) {
            tx.setLength(i, 60);
            a.u32[tx.offset(i) / 4] = sent++;
          }
          tx.advance(n);
          break;
        }
        case 1:
          a.txSync();
          break;
        case 2: {
          const n = random.below(rx.available + 1);
          for (let k = 0, i = rx.head; k < n; k++, i = rx.next(i)) {
            if (b.u32[rx.offset(i) / 4] !== received) wrong = `${b.u32[rx.offset(i) / 4]} for ${received}`;
            if (rx.length(i) !== 60) wrong = `length ${rx.length(i)}`;
            received++;
          }
          rx.advance(n);
          break;
        }
        default:
          b.rxSync();
      }
      wrong ??= invariants(tx) ?? invariants(rx);
    }
    for (let round = 0; round < 2; round++) {
      a.txSync();
      b.rxSync();
      received += rx.available;
      rx.advance(rx.available);
    }
    t.equal(wrong, undefined, `${size} slots`);
    t.equal(received, sent, `${size} slots: all arrived`);
    t.ok(sent > 50, `${sent} sent`);
  }
});
