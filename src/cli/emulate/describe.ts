import type { DirectionStats, Drops, EmulatorStats, LinkStats } from '../../emulator';
import { bitRate, count, percent } from '../format';

function ms(ns: number): string {
  return `${(ns / 1e6).toFixed(3)} ms`;
}

function causes(drops: Drops): string {
  return Object.entries(drops)
    .map(([cause, n]) => `${cause} ${n}`)
    .join(', ');
}

function describeLink({ number, direction, bandwidth, out, transit, drops }: LinkStats): string {
  const name = `pipe ${number}${direction === undefined ? '' : ` ${direction}`}`;
  const rate = bandwidth > 0 ? bitRate(bandwidth) : 'unlimited';
  const delay = out.packets > 0 ? `; delay ${ms(transit.least)} to ${ms(transit.most)}, mean ${ms(transit.mean)}` : '';
  const lost = causes(drops);
  return `${name} (${rate}): ${count(out.packets, 'packet')} out${delay}${lost === '' ? '' : `; dropped: ${lost}`}`;
}

function describeLateness({ direction, late }: DirectionStats): string {
  const [p50, p99, most] = [late.p50, late.p99, late.most].map((ns) => (ns / 1000).toFixed(1));
  return `${direction}: later than due by ${p50} us (p50), ${p99} us (p99), ${most} us (most)`;
}

/**
 * Links with what went over them, and what was lost; between ports, how exact it was.
 *
 * @param all packets that drops are a part of, by default those that came out and those that did not
 */
export function describeEmulator(
  stats: EmulatorStats & { packets: number; dropped: number; directions?: readonly DirectionStats[] },
  all = stats.packets + stats.dropped,
): string {
  const { links, denied, dropped, drops, directions = [] } = stats;
  const lines = links.map(describeLink);
  const lost = [causes(drops), denied > 0 ? `denied ${denied}` : ''].filter((part) => part !== '').join(', ');
  return [
    `dropped ${count(dropped, 'packet')}${lost === '' ? '' : ` (${lost})`}, ${percent(dropped, all)}`,
    ...lines,
    ...directions.filter(({ late }) => late.most > 0).map(describeLateness),
  ].join('\n');
}
