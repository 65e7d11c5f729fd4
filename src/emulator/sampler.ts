import type { Curve } from '../report/curve';
import { allDrops, type EmulatorStats, type LinkStats } from './stats';

/** Samples that are kept at most; beyond it every other one goes. */
const MOST = 2000;

interface Sample {
  seconds: number;
  /** By link: mean ns of those that came out since the last sample, null if none did; bytes that wait; counters. */
  links: Map<string, { delay: number | null; waiting: number; drops: number; bytes: number }>;
}

function nameOf({ number, direction }: LinkStats): string {
  return `pipe ${number}${direction === undefined ? '' : ` ${direction}`}`;
}

/** Watches links as time goes by, for reports. */
export class Sampler {
  private samples: Sample[] = [];
  private readonly before = new Map<string, { packets: number; sum: number }>();
  private stride = 1;
  private offered = 0;

  /** Whether it is worth while to ask for the stats now. */
  get due(): boolean {
    return this.offered++ % this.stride === 0;
  }

  /** @param seconds since the beginning */
  sample(seconds: number, { links }: EmulatorStats): void {
    const sample: Sample = { seconds, links: new Map() };
    for (const link of links) {
      const name = nameOf(link);
      const sum = link.transit.mean * link.out.packets;
      const before = this.before.get(name) ?? { packets: 0, sum: 0 };
      const packets = link.out.packets - before.packets;
      sample.links.set(name, {
        delay: packets > 0 ? (sum - before.sum) / packets : null,
        waiting: link.waiting.bytes,
        drops: allDrops(link.drops),
        bytes: link.out.bytes,
      });
      this.before.set(name, { packets: link.out.packets, sum });
    }
    this.samples.push(sample);
    if (this.samples.length < MOST) return;
    this.samples = this.samples.filter((_, k) => k % 2 === 0);
    this.stride *= 2;
  }

  /** Delay, backlog and throughput over time. */
  curves(): Curve[] {
    const { samples } = this;
    if (samples.length < 2) return [];
    const names = [...new Set(samples.flatMap(({ links }) => [...links.keys()]))];
    const x = { label: 'seconds', values: samples.map(({ seconds }) => seconds) };
    const lines = (value: (link: NonNullable<ReturnType<Sample['links']['get']>>) => number | null) =>
      names.map((label) => ({
        label,
        values: samples.map(({ links }) => {
          const link = links.get(label);
          return link === undefined ? null : value(link);
        }),
      }));
    const rates = names.map((label) => ({
      label,
      values: samples.map(({ links, seconds }, k) => {
        const here = links.get(label);
        const before = k > 0 ? samples[k - 1].links.get(label) : undefined;
        const passed = k > 0 ? seconds - samples[k - 1].seconds : 0;
        return here && before && passed > 0 ? (8 * (here.bytes - before.bytes)) / passed : null;
      }),
    }));
    return [
      {
        title: 'Delay over time',
        note: 'Mean of the packets that came out since the last point: waiting, serialisation and propagation.',
        x,
        y: { label: 'ms' },
        lines: lines(({ delay }) => (delay === null ? null : delay / 1e6)),
      },
      {
        title: 'Waiting for the link',
        note: 'Bytes in the queues.',
        x,
        y: { label: 'bytes' },
        lines: lines(({ waiting }) => waiting),
      },
      { title: 'Out of the link', note: 'Bits of the frames.', x, y: { label: 'bit/s' }, lines: rates },
      { title: 'Dropped so far', x, y: { label: 'packets' }, lines: lines(({ drops }) => drops), shape: 'steps' },
    ];
  }
}
