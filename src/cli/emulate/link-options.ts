import type { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { wrongValue } from '../../check';
import { Emulator } from '../../emulator';
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
  ['aqm', '', 'WORDS', "queue management: codel, pie, 'codel target 5ms ecn'"],
] as const;

export type LinkWords = { [K in (typeof LINK)[number][0]]?: string[] };

export function addLinkOptions(command: Command): Command {
  for (const [name, , value, description] of LINK) {
    command.option(`--${name} <${value}>`, description, (text: string, all: string[] = []) => [...all, text]);
  }
  return command;
}

/** What the options say as commands; empty when they say nothing. */
function linkCommands(options: LinkWords): string {
  const given = LINK.filter(([name]) => options[name] !== undefined);
  if (given.length === 0) return '';
  for (const [name] of given) {
    const values = options[name]!;
    if (values.length > 2) throw wrongValue(`--${name}`, 'may be given once, or twice: out, then in', values);
    for (const value of values) if (/[\n\r#"]/.test(value)) throw wrongValue(`--${name}`, 'must be one value', value);
  }
  const link = (which: 0 | 1) =>
    given
      .map(([name, word]) => {
        const text = valueText(name, options[name]![which] ?? options[name]![0]);
        return word === '' ? text : `${word} ${text}`;
      })
      .join(' ');
  return `pipe 1 config ${link(0)}\npipe 2 config ${link(1)}\nadd 100 pipe 1 ip from any to any out\nadd 200 pipe 2 ip from any to any in`;
}

/** Bare numbers are refused where people mean different units by them. */
function valueText(name: keyof LinkWords, value: string): string {
  switch (name) {
    case 'bandwidth':
      return bandwidthText('--bandwidth', value);
    case 'delay':
      return durationText('--delay', value);
    case 'trace':
    case 'profile':
      return `"${resolve(value)}"`;
    default:
      return value;
  }
}

interface EmulatorWords extends LinkWords {
  config?: string;
  seed?: number;
  memory?: number;
}

/** The emulator that the command line describes. */
export function makeEmulator(options: EmulatorWords): Emulator {
  const { config, seed, memory } = options;
  const simple = linkCommands(options);
  if (config === undefined) return new Emulator(simple, { seed, memory });
  if (simple !== '')
    throw wrongValue('--config', 'describes the links: give either it or the options of a link', config);
  let text: string;
  try {
    text = readFileSync(config, 'utf8').replace(/^\ufeff/, '');
  } catch (cause) {
    const { code = 'EIO', message } = cause as NodeJS.ErrnoException;
    throw new NetmapError(`cannot read the commands: ${message}`, { code, syscall: 'open' });
  }
  try {
    return new Emulator(text, { seed, memory, folder: dirname(resolve(config)) });
  } catch (error) {
    if (!(error instanceof NetmapError)) throw error;
    const { code, position } = error;
    throw new NetmapError(`${config}: ${error.message}`, { code, position });
  }
}
