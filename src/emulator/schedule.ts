/** Commands for later: lines such as `at 10s pipe 1 change bw 1Mbit/s`. */

import { ruleError } from '../ruleset/problem';

/** A command that is to be carried out later. */
export interface ScheduledCommand {
  /** In ns of the emulator's clock. */
  time: number;
  command: string;
  /** @internal Where files that it names are looked for. */
  folder?: string;
}

/** One that was found in a text; `place`: where it stands there, in bytes. */
export interface FoundCommand extends ScheduledCommand {
  place: number;
}

const LINE = /^(\s*(?:ipfw\s+|dnctl\s+)?at(?:\s+|$))(\S*)(\s*)(.*)$/i;
const TIME = /^(\d+(?:\.\d+)?)(s|ms|us|ns)$/i;
const UNITS: Record<string, number> = { s: 1e9, ms: 1e6, us: 1e3, ns: 1 };

/**
 * Takes the lines that begin with `at` out of commands. Blanks are left in their place, so that positions of what is wrong with the
 * others stay as they were. `at flush` forgets what is to come so far.
 *
 * @throws NetmapError `ERR_NETMAP_RULE`
 */
export function splitSchedule(text: string): { now: string; later: FoundCommand[]; flush: boolean } {
  if (!/^\s*(?:ipfw\s+|dnctl\s+)?at\b/im.test(text)) return { now: text, later: [], flush: false };
  let flush = false;
  const later: FoundCommand[] = [];
  let start = 0;
  const lines = text.split('\n').map((line) => {
    const begin = start;
    start += Buffer.byteLength(line) + 1;
    const parts = LINE.exec(line.replace(/\r$/, ''));
    if (parts === null) return line;
    const [, at, when, blank, command] = parts;
    const wrong = (message: string, before: string) =>
      ruleError(text, { message, position: begin + Buffer.byteLength(before) });
    if (/^flush$/i.test(when) && command.trim() === '') {
      flush = true;
      later.length = 0;
      return ' '.repeat(Buffer.byteLength(line));
    }
    const time = TIME.exec(when);
    if (time === null) throw wrong(`'${when}' is no time: write a number and a unit, for example at 10s`, at);
    if (command.trim() === '') throw wrong('a command is missing: at 10s pipe 1 change bw 1Mbit/s', at + when + blank);
    const ns = Math.round(Number(time[1]) * UNITS[time[2].toLowerCase()]);
    if (!(ns <= Number.MAX_SAFE_INTEGER)) throw wrong(`'${when}' is too long`, at);
    later.push({ time: ns, command, place: begin + Buffer.byteLength(at + when + blank) });
    return ' '.repeat(Buffer.byteLength(line));
  });
  return { now: lines.join('\n'), later, flush };
}

/** What is to come, in the order of its times; of the same time, in the order in which it was said. */
export class Schedule {
  private list: ScheduledCommand[] = [];

  /** What is to come. */
  get commands(): readonly ScheduledCommand[] {
    return this.list;
  }

  /** When the next one is due, in ns; Infinity: never. */
  get next(): number {
    return this.list.length > 0 ? this.list[0].time : Infinity;
  }

  /** As it would be with more; `flush`: with those alone. */
  with(more: readonly ScheduledCommand[], flush: boolean): ScheduledCommand[] {
    return [...(flush ? [] : this.list), ...more].sort((a, b) => a.time - b.time);
  }

  replace(list: readonly ScheduledCommand[], folder: string): void {
    this.list = list.map((one) => ({ time: one.time, command: one.command, folder: one.folder ?? folder }));
  }

  /** Takes off what is due first. */
  take(): ScheduledCommand {
    return this.list.shift()!;
  }
}
