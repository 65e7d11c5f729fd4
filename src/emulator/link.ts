import { checkBoolean, checkObject, wrongValue } from '../check';
import type { SchedulerOptions } from './scheduler';
import { schedulerWords } from './scheduler-words';
import {
  bandwidthText,
  durationText,
  probabilityText,
  sizeText,
  word,
  type Bandwidth,
  type Duration,
  type Probability,
  type Size,
} from './units';
import {
  checkNumber,
  lossWords,
  managementWords,
  maskWords,
  pathWord,
  queueWords,
  type BurstLoss,
  type FlowMask,
  type QueueManagement,
  type QueueSize,
} from './words';

/** Delay that varies. */
export interface Jitter {
  /** The greatest deviation (uniform), or the mean. */
  amount: Duration;
  /** `uniform` by default. */
  distribution?: 'uniform' | 'normal' | 'pareto' | 'exponential';
  /** Packets may overtake each other; false by default. */
  reorder?: boolean;
}

/** What a {@link Link} does with packets; everything has a default that does nothing. */
export interface LinkOptions {
  /** Unlimited by default. */
  bandwidth?: Bandwidth;
  /** Propagation delay. */
  delay?: Duration;
  /** What may pass at once after the link has been idle. */
  burst?: Size;
  /** Where packets wait for the link; 50 packets by default. */
  queue?: QueueSize;
  /** Random loss before the queue. */
  loss?: Probability | BurstLoss;
  /** How the queue keeps short; drop-tail by default. */
  management?: QueueManagement;
  /** Which queue goes next, where several lead here. */
  scheduler?: SchedulerOptions['type'] | SchedulerOptions;
  /** Each masked flow has a link of its own. */
  mask?: FlowMask;
  /** Delay that varies: `amount` is the greatest deviation (uniform), or the mean. The order stays unless `reorder` is said. */
  jitter?: Duration | Jitter;
  /** Packets that are held back so that others pass them. */
  reorder?: Probability | { probability: Probability; hold: Duration };
  duplicate?: Probability;
  /** A random bit is flipped. */
  corrupt?: Probability;
  /** Per bit; who is hit has used the link and is lost. */
  bitErrorRate?: Probability;
  /** A file with a delay profile, in dummynet's format. */
  profile?: string;
  /** A file with bandwidth over time: mahimahi's format, or a table. */
  trace?: string;
  /** What a frame costs: its bytes, those and its CRC, or all of the wire (the default). */
  length?: 'frame' | 'frame+crc' | 'wire' | `+${number}` | `-${number}`;
  /** A packet leaves with its last bit (the default), or with its first one. */
  release?: 'end' | 'start' | 'auto';
  /** Bytes that may be under way at once. */
  delayLimit?: Size;
}

const KEYS: readonly (keyof LinkOptions)[] = [
  ...([
    'bandwidth',
    'delay',
    'burst',
    'queue',
    'loss',
    'management',
    'scheduler',
    'mask',
    'jitter',
    'reorder',
  ] as const),
  ...(['duplicate', 'corrupt', 'bitErrorRate', 'profile', 'trace', 'length', 'release', 'delayLimit'] as const),
];

/**
 * A link, which ipfw calls a pipe: bits go over it one after the other, then they are under way for a while.
 *
 * ```ts
 * const uplink = new Link(1, { bandwidth: '1.5Mbit/s', delay: '20ms', queue: '64KB', loss: 0.001 });
 * const emulator = new Emulator([uplink, { action: 'pipe 1', direction: 'out' }]);
 * emulator.change(new Link(1, { bandwidth: { bitsPerSecond: 3_000_000 } }));
 * ```
 */
export class Link {
  /** What rules and queues call it. */
  readonly number: number;
  readonly options: Readonly<LinkOptions>;

  /** @param number 1 to 65535 */
  constructor(number: number, options: LinkOptions = {}) {
    this.number = checkNumber('number', number);
    this.options = options;
    linkWords(options); // throws now and not when it is used
  }

  /** The command that makes it. */
  get command(): string {
    return ['pipe', this.number, 'config', ...linkWords(this.options)].join(' ');
  }

  /** The command that changes one of this number in what the options say, and in nothing else. */
  get changeCommand(): string {
    return ['pipe', this.number, 'change', ...linkWords(this.options)].join(' ');
  }
}

function linkWords(options: LinkOptions): string[] {
  const o = checkObject('options', options, KEYS) as LinkOptions;
  const words: string[] = [];
  const put = <T>(name: keyof LinkOptions, text: (argument: string, value: T) => string | string[], key = '') => {
    const value = o[name] as T | undefined;
    if (value === undefined) return;
    const made = text(`options.${name}`, value);
    words.push(...(key ? [key] : []), ...(typeof made === 'string' ? [made] : made));
  };
  put('bandwidth', bandwidthText, 'bw');
  put('delay', durationText, 'delay');
  put('burst', sizeText, 'burst');
  put('queue', queueWords);
  put('loss', lossWords);
  put('mask', maskWords);
  put('jitter', jitterText, 'jitter');
  put('reorder', reorderText, 'reorder');
  put('duplicate', probabilityText, 'duplicate');
  put('corrupt', probabilityText, 'corrupt');
  put('bitErrorRate', probabilityText, 'ber');
  put('profile', pathWord, 'profile');
  put('trace', pathWord, 'trace');
  put('length', word, 'length');
  put('release', word, 'release');
  put('delayLimit', sizeText, 'delay-limit');
  // All words behind these are their own.
  if (o.management !== undefined && o.scheduler !== undefined && hasOwnWords(o.scheduler)) {
    const hint = 'fq_codel and fq_pie manage their queues themselves';
    throw wrongValue('options.management', `does not go with this scheduler: ${hint}`, o.management);
  }
  if (o.scheduler !== undefined && !hasOwnWords(o.scheduler)) put('scheduler', schedulerWords, 'sched');
  put('management', managementWords);
  if (o.scheduler !== undefined && hasOwnWords(o.scheduler)) put('scheduler', schedulerWords, 'sched');
  return words;
}

function hasOwnWords(scheduler: NonNullable<LinkOptions['scheduler']>): boolean {
  // Whatever it is: what is wrong with it is said when it is read.
  const type = typeof scheduler === 'string' ? scheduler : (scheduler as SchedulerOptions | null)?.type;
  return type === 'fq_codel' || type === 'fq_pie';
}

const JITTER = ['amount', 'distribution', 'reorder'];

function jitterText(argument: string, value: NonNullable<LinkOptions['jitter']>): string {
  if (typeof value === 'object' && value !== null && JITTER.some((key) => key in value)) {
    checkObject(argument, value, JITTER);
    const { amount, distribution = 'uniform', reorder = false } = value as Jitter;
    checkBoolean(`${argument}.reorder`, reorder);
    const words = [durationText(`${argument}.amount`, amount), word(`${argument}.distribution`, distribution)];
    return [...words, ...(reorder ? ['reorder'] : [])].join(',');
  }
  return durationText(argument, value as Duration);
}

function reorderText(argument: string, value: NonNullable<LinkOptions['reorder']>): string {
  if (typeof value !== 'object' || value === null) return probabilityText(argument, value);
  checkObject(argument, value, ['probability', 'hold']);
  return `${probabilityText(`${argument}.probability`, value.probability)},${durationText(`${argument}.hold`, value.hold)}`;
}
