import type { FrameHook } from '../../apps';
import { updateChecksum32 } from '../../packet';
import { read16, read32, write16, write32 } from '../../packet/view/bytes';
import { Seldom } from './say';

/** Numbers packets in the first four bytes of the payload, for `rxseq`; `at` is where that begins. */
export function numberPackets(at: number): FrameHook {
  const checksumAt = at - 2;
  let next = 0;
  return (u8, offset) => {
    const before = read32(u8, offset + at);
    write32(u8, offset + at, next);
    write16(u8, offset + checksumAt, updateChecksum32(read16(u8, offset + checksumAt), before, next));
    next = (next + 1) >>> 0;
  };
}

/** Looks for gaps in those numbers, ring by ring. */
export function checkNumbers(): FrameHook {
  const expected = new Map<unknown, number>();
  const seldom = new Seldom(2);
  return (u8, offset, length, ring) => {
    const isV4 = length >= 14 && read16(u8, offset + 12) === 0x0800;
    const at = isV4 ? 42 : 62;
    if (length < at + 4) return seldom.say('rxseq_body [2376]', `rxseq_body: packet too small (len=${length})`);
    const number = read32(u8, offset + at);
    const due = expected.get(ring);
    if (due !== undefined && number !== due) {
      const ahead = (number - due) >>> 0 < 0x7fffffff;
      const text = ahead
        ? `Sequence GAP: exp ${due} found ${number}`
        : `Sequence OUT OF ORDER: exp ${due} found ${number}`;
      seldom.say(`rxseq_body [${ahead ? 2393 : 2396}]`, text);
    }
    expected.set(ring, (number + 1) >>> 0);
  };
}
