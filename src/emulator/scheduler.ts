import { schedulerWords } from './scheduler-words';
import { checkNumber, maskWords, type FlowMask, type QueueManagement } from './words';

type Codel = Omit<Extract<QueueManagement, { type: 'codel' }>, 'type'>;
type Pie = Omit<Extract<QueueManagement, { type: 'pie' }>, 'type'>;

/** What a {@link Scheduler} takes. */
export interface SchedulerOptions {
  type: 'fifo' | 'rr' | 'wf2q+' | 'qfq' | 'prio' | 'fq_codel' | 'fq_pie';
  /** Of `fq_codel` and `fq_pie`: bytes that a flow may send in its turn; 1514 by default. */
  quantum?: number;
  /** Of those: packets in all flows; 10240 by default. */
  limit?: number;
  /** Of those: 1024 by default. */
  flows?: number;
  /** Of `fq_codel`. */
  codel?: Codel;
  /** Of `fq_pie`. */
  pie?: Pie;
  /** Each masked flow has a scheduler, and a link, of its own. */
  mask?: FlowMask;
}

/**
 * What decides which queue may use a link next: that of the {@link Link} with the same number.
 *
 * ```ts
 * new Emulator([
 *   new Link(5, { bandwidth: '1Mbit/s' }),
 *   new Scheduler(5, { type: 'qfq' }),
 *   new Queue(1, { link: 5, weight: 10, mask: { srcIp: 32 } }),
 *   new Queue(2, { link: 5, weight: 4 }),
 *   { action: 'queue 1', dstPort: [22, 53] },
 *   { action: 'queue 2' },
 * ]);
 * ```
 */
export class Scheduler {
  readonly number: number;
  readonly options: Readonly<SchedulerOptions>;

  /** @param number 1 to 65535: that of its link */
  constructor(number: number, options: SchedulerOptions) {
    this.number = checkNumber('number', number);
    this.options = options;
    schedulerWords('options', options);
  }

  /** The command that makes it. */
  get command(): string {
    return this.words('config');
  }

  /** The command that changes one of this number. */
  get changeCommand(): string {
    return this.words('change');
  }

  private words(verb: string): string {
    const { mask } = this.options;
    const masks = mask === undefined ? [] : maskWords('options.mask', mask);
    return ['sched', this.number, verb, ...masks, 'type', ...schedulerWords('options', this.options)].join(' ');
  }
}
