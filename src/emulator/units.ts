/** Values with units, and how dummynet's language writes them. The native part checks what they mean. */

import { checkObject, checkString, outOfRange, wrongType, wrongValue } from '../check';

/** `'1.5Mbit/s'`, `'256Kbit/s'`, `'10MByte/s'` (K, M, G, T are powers of 1000), or an object. 0 is unlimited. */
export type Bandwidth = string | { bitsPerSecond: number } | { bytesPerSecond: number };
/** `'20ms'`, `'1.5s'`, `'250us'`, `'800ns'`, or an object. */
export type Duration =
  string | { seconds: number } | { milliseconds: number } | { microseconds: number } | { nanoseconds: number };
/** `'64KB'` (K, M, G are powers of 1024), or an object. */
export type Size = string | { bytes: number };
/** 0 to 1, or in percent: `'0.1%'`. */
export type Probability = number | string;

/** One word of the language: nothing that could begin another word, or another command. */
export function word(argument: string, value: unknown): string {
  checkString(argument, value);
  if (!/^[\w.%+/-]+$/.test(value as string)) throw wrongValue(argument, 'must be one word, without blanks', value);
  return value as string;
}

/** A number as a decimal without exponent, which the language does not know. */
export function decimal(argument: string, value: unknown): string {
  if (typeof value !== 'number') throw wrongType(argument, 'a number', value);
  if (!(value >= 0 && value < 1e21)) throw outOfRange(argument, 'from 0 to 1e21', value);
  const text = String(value);
  return text.includes('e') ? value.toFixed(20).replace(/\.?0+$/, '') : text;
}

/** A value that is a text with its unit, or an object with one field that names it. */
function unit(argument: string, value: unknown, suffixes: Record<string, string>, example: string): string {
  const names = Object.keys(suffixes);
  if (typeof value !== 'string' && (typeof value !== 'object' || value === null || Array.isArray(value))) {
    const number = typeof value === 'number' && value >= 0 ? value : 1;
    const objects = names.map((name) => `{${name}: ${number}}`).join(' or ');
    throw wrongType(argument, `a value with a unit, such as '${example}' or ${objects}`, value);
  }
  if (typeof value === 'string') {
    const text = value.replace(/^\s*([\d.]+)\s+/, '$1');
    if (!/^[\d.]+[a-z]/i.test(text) && !/^0+$/.test(text)) {
      throw wrongValue(argument, `must have a unit, for example '${example}'`, value);
    }
    return word(argument, text);
  }
  const object = checkObject(argument, value, names);
  const given = names.filter((name) => object[name] !== undefined);
  if (given.length !== 1) throw wrongValue(argument, `must have one of ${names.join(', ')}`, value);
  return decimal(`${argument}.${given[0]}`, object[given[0]]) + suffixes[given[0]];
}

export function bandwidthText(argument: string, value: Bandwidth): string {
  return unit(argument, value, { bitsPerSecond: 'bit/s', bytesPerSecond: 'Byte/s' }, '1.5Mbit/s');
}

export function durationText(argument: string, value: Duration): string {
  return unit(argument, value, { seconds: 's', milliseconds: 'ms', microseconds: 'us', nanoseconds: 'ns' }, '20ms');
}

export function sizeText(argument: string, value: Size): string {
  return unit(argument, value, { bytes: 'B' }, '64KB');
}

/** As sizeText; a size in packets is a number alone. */
export function queueSizeText(argument: string, value: Size | { packets: number }): string {
  return unit(argument, value, { packets: '', bytes: 'B' }, '64KB');
}

export function probabilityText(argument: string, value: Probability): string {
  if (typeof value === 'string') return word(argument, value);
  if (typeof value === 'number' && !(value >= 0 && value <= 1)) throw outOfRange(argument, 'from 0 to 1', value);
  return decimal(argument, value);
}
