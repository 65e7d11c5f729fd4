import { checkInteger, checkObject } from '../check';
import type { Probability } from './units';
import {
  checkNumber,
  lossWords,
  managementWords,
  maskWords,
  queueWords,
  type BurstLoss,
  type FlowMask,
  type QueueManagement,
  type QueueSize,
} from './words';

/** What a {@link Queue} takes. */
export interface QueueOptions {
  /** Number of the {@link Link} that it leads to. */
  link?: number;
  /** Share of the link's bandwidth, against other queues; 1 by default. */
  weight?: number;
  /** For the scheduler `prio`: 0 goes first, 63 last. */
  priority?: number;
  /** Longest frame, for `rr` and `qfq`; 1500 by default. */
  maxLength?: number;
  /** 50 packets by default. */
  size?: QueueSize;
  loss?: Probability | BurstLoss;
  management?: QueueManagement;
  /** Each masked flow has a queue of its own, of this weight. */
  mask?: FlowMask;
}

const KEYS: readonly (keyof QueueOptions)[] = [
  ...(['link', 'weight', 'priority', 'maxLength', 'size', 'loss', 'management', 'mask'] as const),
];

/** Where packets wait for a {@link Link} that they share with others; see {@link Scheduler}. */
export class Queue {
  /** What rules call it. */
  readonly number: number;
  readonly options: Readonly<QueueOptions>;

  /** @param number 1 to 65535 */
  constructor(number: number, options: QueueOptions) {
    this.number = checkNumber('number', number);
    this.options = options;
    queueOptionWords(options);
  }

  /** The command that makes it. */
  get command(): string {
    return ['queue', this.number, 'config', ...queueOptionWords(this.options)].join(' ');
  }

  /** The command that changes one of this number in what the options say, and in nothing else. */
  get changeCommand(): string {
    return ['queue', this.number, 'change', ...queueOptionWords(this.options)].join(' ');
  }
}

function queueOptionWords(options: QueueOptions): string[] {
  checkObject('options', options, KEYS);
  const { link, weight, priority, maxLength, size, loss, management, mask } = options;
  const words: (string | number)[] = [];
  if (link !== undefined) words.push('pipe', checkNumber('options.link', link));
  if (weight !== undefined) words.push('weight', checkInteger('options.weight', weight, 0, 65536));
  if (priority !== undefined) words.push('pri', checkInteger('options.priority', priority, 0, 63));
  if (maxLength !== undefined) words.push('lmax', checkInteger('options.maxLength', maxLength, 1, 65535));
  if (size !== undefined) words.push(...queueWords('options.size', size));
  if (loss !== undefined) words.push(...lossWords('options.loss', loss));
  if (mask !== undefined) words.push(...maskWords('options.mask', mask));
  if (management !== undefined) words.push(...managementWords('options.management', management));
  return words.map(String);
}
