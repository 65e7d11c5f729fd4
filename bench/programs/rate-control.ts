// How exactly the generator keeps a rate, as it says itself; into a null port.
import { netmap } from '../library';
import { args, tell } from './arguments';

type Options = NonNullable<ConstructorParameters<typeof netmap.Generator>[1]>;

const MODES: Record<string, Options & { rate: number }> = {
  '1 Mpps': { rate: 1e6 },
  '1 Mpps, Poisson': { rate: 1e6, pattern: 'poisson' },
  '10 kpps, asleep': { rate: 1e4, wait: 'sleep' },
};

async function measure(): Promise<void> {
  using port = netmap.open('null:');
  const options = MODES[args.mode];
  const generator = new netmap.Generator(port, { ...options, duration: args.warmUp + args.seconds });
  await generator.start();
  const { packets, seconds, givenUp } = generator.stats();
  const { late, gapError } = generator.details().histograms!;
  tell('result', {
    // The first packet is due at the beginning: n packets span n - 1 gaps.
    off: 100 * Math.abs((packets - 1) / seconds / options.rate - 1),
    'late p50': late.percentiles['50'] / 1000,
    'late p99': late.percentiles['99'] / 1000,
    'gap p99': gapError.percentiles['99'] / 1000,
    'given up': givenUp,
  });
}

void measure();
