/** Readers for what stands on the command line. */

import { InvalidArgumentError } from 'commander';
import { parsePortName } from '../name';
import { isIP } from 'node:net';
import { parseRate } from '../apps/generator/rate';
import { parseMac } from '../packet/mac';

const SUFFIXES: Record<string, number> = { '': 1, k: 1e3, M: 1e6, G: 1e9 };

/** A number in decimal form, perhaps with an exponent or one of the suffixes k, M, G; undefined for anything else. */
function readNumber(text: string): number | undefined {
  const parts = /^(\d+(?:\.\d+)?(?:e\d{1,2})?)([kMG]?)$/i.exec(text);
  const factor = parts === null ? undefined : (SUFFIXES[parts[2]] ?? SUFFIXES[parts[2].toLowerCase()]);
  return factor === undefined ? undefined : Number(parts![1]) * factor;
}

/** A reader of whole numbers between two bounds, both included. */
export function whole(least: number, most: number = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = readNumber(text);
    if (value !== undefined && Number.isInteger(value) && value >= least && value <= most) return value;
    const open = most === Number.MAX_SAFE_INTEGER && !((value ?? 0) > most);
    const range = open ? `from ${least}` : `from ${least} to ${most}`;
    throw new InvalidArgumentError(`It must be a whole number ${range}, for example ${example(least, most)}.`);
  };
}

/** A reader of numbers greater than 0. */
export function positive(unit: string, most = 1e15): (text: string) => number {
  return (text) => {
    const value = readNumber(text);
    if (value !== undefined && value > 0 && value <= most) return value;
    const range = most < 1e15 || (value ?? 0) > most ? `greater than 0 and at most ${most}` : 'greater than 0';
    throw new InvalidArgumentError(`It must be ${unit}, ${range}, for example 0.5, 10 or 2k.`);
  };
}

/** A reader of seconds between one look and the next: as many as Node's timers know, which is 24 days. */
export const interval = positive('seconds', Math.floor(0x7fffffff / 1000));

/** A MAC address. */
export function mac(text: string): string {
  return checked(text, parseMac, 'It must be a MAC address, for example 02:00:00:00:00:01.');
}

/** An IPv4 or IPv6 address. */
export function ip(text: string): string {
  if (isIP(text) !== 0 && !text.includes('%')) return text;
  throw new InvalidArgumentError('It must be an IP address, for example 10.0.0.1 or fd00::1.');
}

/** A rate: see `parseRate`. */
export function rate(text: string): string {
  return checked(
    text,
    (rate) => parseRate(rate, 1e10),
    'It must be greater than 0: packets per second such as 0.5, 10k or 1.5Mpps, bits per second such as 2.5Gbps, or 40%.',
  );
}

/** Reads `NAME=VALUE`, option after option. */
export function assignments(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at > 0 && at < text.length - 1) return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
  throw new InvalidArgumentError('It must be FIELD=VALUE, for example dstPort=9.');
}

/** The name of a port. */
export function portName(text: string): string {
  try {
    parsePortName(text);
    return text;
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

/** The name of a file. */
export function fileName(text: string): string {
  if (text !== '' && !text.includes('\0')) return text;
  throw new InvalidArgumentError('It must be the name of a file.');
}

function checked(text: string, parse: (text: string) => unknown, problem: string): string {
  try {
    parse(text);
    return text;
  } catch {
    throw new InvalidArgumentError(problem);
  }
}

function example(least: number, most: number): number {
  return least <= 1000 && 1000 <= most ? 1000 : most === Number.MAX_SAFE_INTEGER ? least : most;
}
