import t from 'tap';
import { runNode } from '../child';
import { vale } from '../folder';
import { open } from 'node-netmap';

/** The port that a process of {@link endsAt} opens, as a piece of its program. */
export const PORT = JSON.stringify(vale('a'));

/** What a process is doing when it ends, its program, and its exit status. */
export type Stage = [string, string, number];

/** A process that ends here, in this way, must end with this status, by no signal, and take its port along. */
export function endsAt(stages: readonly Stage[]): void {
  for (const [stage, code, expected] of stages) {
    t.test(`a process that ends ${stage}`, async (t) => {
      const { code: exit, signal, stderr } = await runNode(code);
      t.equal(signal, null);
      t.equal(exit, expected, stderr);
      open(vale('a/x')).close();
    });
  }
}
