/** Options that are words of a command, one after the other. */

import { checkBoolean, checkInteger, checkObject, checkString, wrongType, wrongValue } from '../check';
import {
  decimal,
  durationText,
  probabilityText,
  queueSizeText,
  word,
  type Duration,
  type Probability,
  type Size,
} from './units';

/** How long a queue may be: packets, or bytes. */
export type QueueSize = Size | { packets: number };

/** Loss in bursts, after Gilbert and Elliott: two states, each with a loss of its own. */
export interface BurstLoss {
  /** Probability of a loss in the good state; 0 by default. */
  good?: Probability;
  /** Probability with which a packet finds the good state turned bad. */
  goodToBad: Probability;
  /** Probability of a loss in the bad state; 1 by default. */
  bad?: Probability;
  /** Probability with which it finds the bad state turned good: 1 / mean length of a burst. */
  badToGood: Probability;
}

/** Queue management. Times: 5 ms and 100 ms for CoDel, 15 ms for PIE, if not given. */
export type QueueManagement =
  | 'droptail'
  | 'codel'
  | 'pie'
  | { type: 'codel'; target?: Duration; interval?: Duration; ecn?: boolean }
  | {
      type: 'pie';
      target?: Duration;
      update?: Duration;
      alpha?: number;
      beta?: number;
      maxBurst?: Duration;
      maxEcn?: Probability;
      ecn?: boolean;
    }
  | {
      type: 'red' | 'gred';
      /** How fast the average follows, above 0 to 1. */
      weight: number;
      /** Thresholds, in packets or bytes as the queue's size. */
      min: number;
      max: number;
      /** Probability of a drop at `max`. */
      maxP: Probability;
      ecn?: boolean;
    };

/** Which bits of a packet make a flow: a prefix length, or the bits. */
export type FlowMask =
  | 'all'
  | {
      srcIp?: number | string;
      dstIp?: number | string;
      srcIp6?: number;
      dstIp6?: number;
      srcPort?: number;
      dstPort?: number;
      proto?: number;
      flowId?: number;
    };

export function queueWords(argument: string, value: QueueSize): string[] {
  if (typeof value === 'object' && value !== null && 'packets' in value) {
    checkObject(argument, value, ['packets']);
    return ['queue', String(checkInteger(`${argument}.packets`, value.packets, 1, 2 ** 32))];
  }
  return ['queue', queueSizeText(argument, value)];
}

export function lossWords(argument: string, value: Probability | BurstLoss): string[] {
  if (typeof value !== 'object' || value === null) return ['plr', probabilityText(argument, value)];
  checkObject(argument, value, ['good', 'goodToBad', 'bad', 'badToGood']);
  const { good = 0, goodToBad, bad = 1, badToGood } = value;
  const part = (name: string, p: Probability) => probabilityText(`${argument}.${name}`, p);
  const all = [part('good', good), part('goodToBad', goodToBad), part('bad', bad), part('badToGood', badToGood)];
  return ['plr', all.join(',')];
}

/** These come last in a command. */
export function managementWords(argument: string, value: QueueManagement): string[] {
  if (typeof value === 'string') {
    if (value !== 'droptail' && value !== 'codel' && value !== 'pie') {
      throw wrongValue(argument, "must be 'droptail', 'codel', 'pie' or an object", value);
    }
    return [value];
  }
  if (typeof value !== 'object' || value === null) {
    throw wrongType(argument, "'droptail', 'codel', 'pie' or an object", value);
  }
  const object = checkObject(argument, value, Object.keys(value)) as Record<string, never> & typeof value;
  const words: string[] = [];
  const put = (name: string, text: string | undefined) =>
    text !== undefined && words.push(...(name ? [name] : []), text);
  const time = (name: string) =>
    object[name] === undefined ? undefined : durationText(`${argument}.${name}`, object[name]);
  const real = (name: string) =>
    object[name] === undefined ? undefined : decimal(`${argument}.${name}`, object[name]);
  const ecn = object.ecn === undefined ? undefined : checkBoolean(`${argument}.ecn`, object.ecn) ? 'ecn' : 'noecn';
  switch (value.type) {
    case 'codel':
      checkObject(argument, value, ['type', 'target', 'interval', 'ecn']);
      put('target', time('target'));
      put('interval', time('interval'));
      put('', ecn);
      return ['codel', ...words];
    case 'pie':
      checkObject(argument, value, ['type', 'target', 'update', 'alpha', 'beta', 'maxBurst', 'maxEcn', 'ecn']);
      put('target', time('target'));
      put('tupdate', time('update'));
      put('alpha', real('alpha'));
      put('beta', real('beta'));
      put('max_burst', time('maxBurst'));
      put('max_ecnth', value.maxEcn === undefined ? undefined : probabilityText(`${argument}.maxEcn`, value.maxEcn));
      put('', ecn);
      return ['pie', ...words];
    case 'red':
    case 'gred': {
      checkObject(argument, value, ['type', 'weight', 'min', 'max', 'maxP', 'ecn']);
      const numbers = ['weight', 'min', 'max'].map((name) => decimal(`${argument}.${name}`, object[name]));
      put('', ecn);
      return [value.type, [...numbers, probabilityText(`${argument}.maxP`, value.maxP)].join('/'), ...words];
    }
    default:
      throw wrongValue(
        `${argument}.type`,
        "must be 'codel', 'pie', 'red' or 'gred'",
        (value as { type: unknown }).type,
      );
  }
}

const MASKS: readonly (readonly [string, string, number])[] = [
  ['srcIp', 'src-ip', 32],
  ['dstIp', 'dst-ip', 32],
  ['srcIp6', 'src-ip6', 128],
  ['dstIp6', 'dst-ip6', 128],
  ['srcPort', 'src-port', 16],
  ['dstPort', 'dst-port', 16],
  ['proto', 'proto', 8],
  ['flowId', 'flow-id', 20],
];

export function maskWords(argument: string, value: FlowMask): string[] {
  if (value === 'all') return ['mask', 'all'];
  if (typeof value !== 'object') throw wrongType(argument, "'all' or an object", value);
  const names = MASKS.map(([name]) => name);
  const object = checkObject(argument, value, names);
  const words = ['mask'];
  for (const [name, keyword, bits] of MASKS) {
    const given = object[name];
    if (given === undefined) continue;
    const text =
      typeof given === 'string'
        ? word(`${argument}.${name}`, given)
        : `/${checkInteger(`${argument}.${name}`, given, 0, bits)}`;
    words.push(keyword, text);
  }
  if (words.length === 1) throw wrongValue(argument, `must have one of ${names.join(', ')}`, value);
  return words;
}

/** A path as a quoted word. */
export function pathWord(argument: string, value: unknown): string {
  const path = checkString(argument, value);
  if (path === '' || /[\n\r"]/.test(path)) throw wrongValue(argument, 'must be a path without quotation marks', value);
  return `"${path}"`;
}

export function checkNumber(argument: string, value: unknown): number {
  return checkInteger(argument, value, 1, 65535);
}
