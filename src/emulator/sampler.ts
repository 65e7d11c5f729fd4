import type { Curve } from '../report/curve';
import { allDrops, type EmulatorStats, type LinkStats } from './stats';

/** Samples that are kept at most; beyond it every other one goes. */
const MOST = 2000;

interface Sample {
  seconds: number;
  /** By link: mean ns of those that left it since the last sample, null if none did; bytes that wait; counters. */
  links: Map<string, { delay: number | null; waiting: number; drops: number; bytes: number }>;
}

function nameOf({ number, direction }: LinkStats): string {
  return `pipe ${number}${direction === undefined ? '' : ` ${direction}`}`;
}

/** Watches links as time goes by, for reports. */
export class Sampler {
  private samples: Sample[] = [];
  private readonly before = new Map<string, { packets: number; sum: number }>();
  /** Links that anything was sent to: the others make no lines. */
  private readonly used = new Set<string>();
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
      const { packets, sum } = link.transit;
      const before = this.before.get(name) ?? { packets: 0, sum: 0 };
      sample.links.set(name, {
        delay: packets > before.packets ? (sum - before.sum) / (packets - before.packets) : null,
        waiting: link.waiting.bytes,
        drops: allDrops(link.drops),
        bytes: link.out.bytes,
      });
      this.before.set(name, { packets, sum });
      if (packets > 0 || link.waiting.packets > 0 || allDrops(link.drops) > 0) this.used.add(name);
    }
    this.samples.push(sample);
    if (this.samples.length < MOST) return;
    this.samples = this.samples.filter((_, k) => k % 2 === 0);
    this.stride *= 2;
  }

  /** In ms. Where a busy link is slower than the samples come, what lies between its packets is filled in. */
  private delays(name: string): (number | null)[] {
    const { samples } = this;
    const values = samples.map(({ links }) => links.get(name)?.delay ?? null).map((ns) => ns && ns / 1e6);
    let last = 0;
    for (let k = 1; k < values.length; k++) {
      const [from, to] = [values[last], values[k]];
      if (to === null && (samples[k].links.get(name)?.waiting ?? 0) > 0) continue;
      if (from !== null && to !== null) {
        for (let j = last + 1; j < k; j++) values[j] = from + ((to - from) * (j - last)) / (k - last);
      }
      last = k;
    }
    return values;
  }

  /** Delay, backlog and throughput over time. */
  curves(): Curve[] {
    const { samples } = this;
    const names = [...this.used];
    if (samples.length < 2 || names.length === 0) return [];
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
        note: 'Mean of the packets that left the link since the last point: waiting, serialisation and propagation.',
        x,
        y: { label: 'ms' },
        lines: names.map((label) => ({ label, values: this.delays(label) })),
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
