// How exactly the generator keeps a rate, as it says itself; into a null port.
import { netmap } from '../library';
import { args, tell } from './arguments';
import { awayPercent } from './away';

type Options = NonNullable<ConstructorParameters<typeof netmap.Generator>[1]>;

const MODES: Record<string, Options & { rate: number }> = {
  '1 Mpps': { rate: 1e6 },
  '1 Mpps, Poisson': { rate: 1e6, pattern: 'poisson' },
  '10 kpps, Poisson': { rate: 1e4, pattern: 'poisson' },
  '10 kpps, asleep': { rate: 1e4, wait: 'sleep' },
};

interface Gaps {
  buckets: readonly [number, number][];
  count: number;
}

/**
 * The Kolmogorov-Smirnov distance of the gaps from those of a Poisson process, times the root of their number: 1.36 is what 5 % of
 * perfect ones exceed. Seen at the ends of the histogram's buckets, which are whole ns.
 *
 * @param rounding how much longer a gap may be, in ns, than the number that it became: 1 where it was cut, 0.5 on average where it is
 *   the difference of two cut times
 */
function kolmogorovSmirnov({ buckets, count }: Gaps, rate: number, rounding: number): number {
  let below = 0;
  let distance = 0;
  for (const [upTo, n] of buckets) {
    below += n;
    distance = Math.max(distance, Math.abs(below / count - (1 - Math.exp((-(upTo + rounding) * rate) / 1e9))));
  }
  return distance * Math.sqrt(count);
}

async function measure(): Promise<void> {
  using port = netmap.open('null:');
  const options = MODES[args.mode];
  const generator = new netmap.Generator(port, { ...options, duration: args.warmUp + args.seconds });
  await generator.start();
  const { packets, seconds, givenUp } = generator.stats();
  const { late, lateRunning, away, gap, gapError, plannedGap } = generator.details().histograms!;
  tell('result', {
    // The first packet is due at the beginning: n packets span n - 1 gaps.
    off: 100 * Math.abs((packets - 1) / seconds / options.rate - 1),
    'late p50': late.percentiles['50'] / 1000,
    'late p99': late.percentiles['99'] / 1000,
    ...(options.wait !== 'sleep' && {
      'running p99': lateRunning.percentiles['99'] / 1000,
      away: awayPercent(away, seconds),
    }),
    'gap p99': gapError.percentiles['99'] / 1000,
    ...(options.pattern === 'poisson' && {
      ks: kolmogorovSmirnov(gap, options.rate, 0.5),
      'ks of plan': kolmogorovSmirnov(plannedGap, options.rate, 1),
    }),
    'given up': givenUp,
  });
}

void measure();
