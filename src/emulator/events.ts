/** What emulators tell as it happens. */

import type { RuleLogEntry } from '../ruleset';
import { DROP_CAUSES, type PacketDrop } from './stats';

export type EmulatorEvents = {
  /** A rule with `log` has matched. */
  log: [RuleLogEntry];
  /**
   * A packet was dropped by a link or a queue. On a clock when it goes on, between ports within 10 ms. Nothing is kept for it
   * as long as nobody listens.
   */
  drop: [PacketDrop];
  /** Something of a command was taken otherwise than it was written, or cannot work as it stands. */
  note: [text: string];
  /** Commands have been carried out. */
  change: [commands: string];
};

/** The drops of {@link NativeEmulator.drainDrops}. */
export function* packetDrops(numbers: Float64Array): Generator<PacketDrop> {
  for (let k = 0; k < numbers.length; k += 7) {
    yield {
      time: numbers[k],
      cause: DROP_CAUSES[numbers[k + 3]],
      link: numbers[k + 1],
      queue: numbers[k + 2],
      length: numbers[k + 4],
      id: numbers[k + 5],
      direction: numbers[k + 6] === 1 ? 'out' : 'in',
    };
  }
}
