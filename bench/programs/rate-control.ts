// How exactly the generator keeps a rate, as it says itself; into a null port.
import { netmap } from '../library';
import { args, tell } from './arguments';

type Options = NonNullable<ConstructorParameters<typeof netmap.Generator>[1]>;

const MODES: Record<string, Options & { rate: number }> = {
  '1 Mpps': { rate: 1e6 },
  '1 Mpps, Poisson': { rate: 1e6, pattern: 'poisson' },
  '10 kpps, Poisson': { rate: 1e4, pattern: 'poisson' },
  '10 kpps, asleep': { rate: 1e4, wait: 'sleep' },
};

/**
 * The Kolmogorov-Smirnov distance of the gaps from those of a Poisson process, times the root of their number: 1.36 is what 5 % of
 * perfect ones exceed. Seen at the ends of the histogram's buckets.
 */
function kolmogorovSmirnov(buckets: readonly [number, number][], count: number, rate: number): number {
  let below = 0;
  let distance = 0;
  for (const [upTo, n] of buckets) {
    below += n;
    distance = Math.max(distance, Math.abs(below / count - (1 - Math.exp((-upTo * rate) / 1e9))));
  }
  return distance * Math.sqrt(count);
}

async function measure(): Promise<void> {
  using port = netmap.open('null:');
  const options = MODES[args.mode];
  const generator = new netmap.Generator(port, { ...options, duration: args.warmUp + args.seconds });
  await generator.start();
  const { packets, seconds, givenUp } = generator.stats();
  const { late, gap, gapError } = generator.details().histograms!;
  tell('result', {
    // The first packet is due at the beginning: n packets span n - 1 gaps.
    off: 100 * Math.abs((packets - 1) / seconds / options.rate - 1),
    'late p50': late.percentiles['50'] / 1000,
    'late p99': late.percentiles['99'] / 1000,
    'gap p99': gapError.percentiles['99'] / 1000,
    ...(options.pattern === 'poisson' && { ks: kolmogorovSmirnov(gap.buckets, gap.count, options.rate) }),
    'given up': givenUp,
  });
}

void measure();
