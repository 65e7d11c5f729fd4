import { control, type EmulationStats } from '../../emulator';
import { describeTraffic } from '../describe';
import { Output } from '../output';
import { describeEmulator } from './describe';

/** `emulate --control NAME ...`: gives the words to an emulator that runs. */
export async function controlEmulator(
  words: string[],
  options: { control?: string; config?: string; json?: boolean },
): Promise<void> {
  const name = options.control!;
  const output = new Output(options.json ?? false);
  const commands = words.length === 0 ? 'show' : words.join(' ');
  const answer = await control(name, commands);
  for (const note of answer.notes) output.warn(note);
  if (answer.stats) {
    const stats = answer.stats as unknown as EmulationStats;
    output.tell(
      'stats',
      { emulator: name, ...stats },
      `${describeTraffic('passed on', stats)}\n${describeEmulator(stats)}`,
    );
    return;
  }
  const text = answer.output.trimEnd();
  if (options.json || text !== '') output.tell('answer', { emulator: name, ...answer }, text);
}
