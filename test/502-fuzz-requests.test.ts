import t from 'tap';
import { createRequire } from 'node:module';
import './folder';
import { Random, rounds, seed } from './random';

// Requests as the typed layer makes them, but with any content: the addon and the device may refuse, nothing else.
const load = createRequire(__filename);
const { native } = load('../../lib/native') as typeof import('../lib/native');

const random = new Random(seed() ^ 0x4e71);
const NAMES = ['vale0:a', 'vale0:b', 'x{1', 'x}1', 'vale0:a{2', '', 'eth0', 'vale0', 'p{q{r', 'v0', 'vale9:v0'];
const BODIES = [0, 4, 8, 16, 32, 56, 64, 100, 4096, 5000];

/** Mostly small numbers in mostly aligned places. */
function scatter(bytes: Uint8Array, from: number): Uint8Array {
  for (let at = from; at + 2 <= bytes.length; at += 2) {
    if (random.below(3)) continue;
    bytes[at] = random.below(80);
    if (random.below(4) === 0) bytes[at + 1] = random.u32();
  }
  return bytes;
}

function option(): Uint8Array {
  const bytes = scatter(new Uint8Array(random.pick([24, 32, 40, 56, 96, 200, 23])), 24);
  if (bytes.length < 24) return bytes;
  const words = new DataView(bytes.buffer);
  words.setUint32(8, random.below(8) ? random.below(7) : random.u32(), true);
  words.setUint32(16, random.below(2) ? bytes.length : random.u32(), true);
  return bytes;
}

t.test(
  'any request gets an answer',
  { skip: process.platform !== 'linux' && 'the engine runs on Linux' },
  async (t) => {
    const answers = new Map<number | string, number>();
    let port = new (native().NativePort)();
    port.open('engine');
    for (let round = 0; round < rounds(5000); round++) {
      if (random.below(20) === 0) {
        port.close();
        port = new (native().NativePort)();
        port.open('engine');
      }
      // A sync loop blocks its thread: it has its own entry.
      const type = random.pick([1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, random.below(65536)]);
      if (type === 13) continue;
      const options = Array.from({ length: random.pick([0, 0, 0, 1, 2, 5, 20]) }, option);
      const body = random.below(8) ? scatter(new Uint8Array(random.pick(BODIES)), 0) : null;
      let answer: number | string;
      try {
        answer = port.control(type, random.pick(NAMES), body, options)?.errno ?? 0;
        if (answer === 0) {
          port.txSync();
          port.rxSync();
        }
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
        answer = 'TypeError';
      }
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
    }
    port.close();
    t.ok(answers.size > 4, JSON.stringify([...answers]));
    t.ok((answers.get(0) ?? 0) > 20, 'some were served');
  },
);
