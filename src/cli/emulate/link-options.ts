import { Option, type Command } from 'commander';
import { resolve } from 'node:path';
import { wrongValue } from '../../check';
import { presets, type PresetName } from '../../emulator';
import { bandwidthText, durationText } from '../../emulator/units';
import { NetmapError } from '../../errors';

/** Options that describe a simple link; each given once (both directions) or twice (out, then in). */
const LINK = [
  ['bandwidth', 'bw', 'RATE', 'bits per second: 10Mbit/s, 1.5Mbit/s, 2MByte/s'],
  ['delay', 'delay', 'TIME', 'propagation delay: 20ms, 250us'],
  ['loss', 'plr', 'P', 'random loss: 0.1%, 0.001, or K,p,H,r (Gilbert-Elliott)'],
  ['queue', 'queue', 'SIZE', 'packets, or bytes with a unit: 100, 64KB (default: 50 packets)'],
  ['burst', 'burst', 'SIZE', 'bytes that may pass at once after a rest'],
  ['jitter', 'jitter', 'TIME', 'delay that varies: 5ms, or 5ms,normal (,pareto ,exponential ,reorder)'],
  ['reorder', 'reorder', 'P', 'packets that are held back: 1%, or 1%,5ms'],
  ['duplicate', 'duplicate', 'P', 'packets that come twice'],
  ['corrupt', 'corrupt', 'P', 'packets in which a bit is flipped'],
  ['ber', 'ber', 'P', 'bit error rate'],
  ['trace', 'trace', 'FILE', "bandwidth over time: mahimahi's format, or a table"],
  ['profile', 'profile', 'FILE', "delay profile in dummynet's format"],
  ['aqm', '', 'WORDS', "queue management: codel, pie, 'codel target 5ms ecn', fq_codel, fq_pie"],
] as const;

export type LinkWords = { [K in (typeof LINK)[number][0]]?: string[] } & { preset?: PresetName };

export function addLinkOptions(command: Command): Command {
  const names = Object.keys(presets);
  command.addOption(
    new Option('--preset <NAME>', 'rates and delays of a well-known kind of link; other options come on top').choices(
      names,
    ),
  );
  for (const [name, , value, description] of LINK) {
    command.option(`--${name} <${value}>`, description, (text: string, all: string[] = []) => [...all, text]);
  }
  return command;
}

/** A link's options as commands, which remember what they came from. */
export class LinkCommands {
  /** Empty when the options say nothing. */
  text = '';
  /** Where the words of each option stand in the text. */
  private readonly places: { start: number; end: number; name: string; value: string }[] = [];

  constructor(words: LinkWords) {
    const options = { ...presetWords(words.preset), ...words };
    const given = LINK.filter(([name]) => options[name] !== undefined);
    if (given.length === 0) return;
    for (const [name] of given) {
      const values = options[name]!;
      if (values.length > 2) throw wrongValue(`--${name}`, 'may be given once, or twice: out, then in', values);
      for (const value of values) {
        if (/[\n\r#"]|^\s*$/.test(value)) throw wrongValue(`--${name}`, 'must be one value', value);
      }
    }
    for (const which of [0, 1] as const) {
      this.text += `pipe ${which + 1} config`;
      for (const [name, word] of given) {
        const value = options[name]![which] ?? options[name]![0];
        const start = this.bytes;
        this.text += ` ${word}${word === '' ? '' : ' '}${valueText(name, value)}`;
        this.places.push({ start, end: this.bytes, name, value });
      }
      this.text += '\n';
    }
    this.text += 'add 100 pipe 1 ip from any to any out\nadd 200 pipe 2 ip from any to any in';
  }

  /** Adds the commands of a file, which have places of their own. */
  addFile(text: string): void {
    this.text += text;
  }

  /** Adds `--at`: each is a command for later. */
  addLater(values: readonly string[]): void {
    for (const value of values) {
      if (/[\n\r]/.test(value)) throw wrongValue('--at', 'must be one command', value);
      this.text += '\nat ';
      const start = this.bytes;
      this.text += value;
      this.places.push({ start, end: this.bytes, name: 'at', value });
    }
  }

  /** An error about the commands, told as one about the option that it comes from; itself, if it comes from no option. */
  explain(error: unknown): unknown {
    if (!(error instanceof NetmapError) || error.position === undefined) return error;
    // What is missing is missed at the end of a line.
    const at = error.position;
    const place = this.places.find(({ start, end }) => at >= start && at <= end);
    if (place === undefined) return error;
    const problem = /^[^:]*: (.*)$/m.exec(error.message)![1];
    return wrongValue(`--${place.name}`, `is wrong: ${problem}`, place.value);
  }

  /** Positions of problems are in bytes. */
  private get bytes(): number {
    return Buffer.byteLength(this.text);
  }
}

/** A preset as if its values had been given. */
function presetWords(name: PresetName | undefined): LinkWords {
  if (name === undefined) return {};
  const both = [presets[name].out, presets[name].in];
  return {
    bandwidth: both.map(({ bandwidth }) => bandwidthText('bandwidth', bandwidth!)),
    delay: both.map(({ delay }) => durationText('delay', delay!)),
  };
}

/** Bare numbers are refused where people mean different units by them. */
function valueText(name: keyof LinkWords, value: string): string {
  switch (name) {
    case 'bandwidth':
      return bandwidthText('--bandwidth', value);
    case 'delay':
      return durationText('--delay', value);
    case 'jitter':
    case 'reorder': {
      // The time is the first part of the one, the second one of the other.
      const parts = value.split(',');
      const time = name === 'jitter' ? 0 : 1;
      if (parts[time] !== undefined) parts[time] = durationText(`--${name}`, parts[time]);
      return parts.join(',');
    }
    case 'trace':
    case 'profile':
      return `"${resolve(value)}"`;
    case 'aqm': // these two are schedulers that manage their queues
      return /^fq_(codel|pie)\b/i.test(value) ? `sched ${value}` : value;
    default:
      return value;
  }
}
