import type { Drops, EmulatorStats, LinkStats } from '../../emulator';
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

/** Links with what went over them, and what was lost. */
export function describeEmulator(stats: EmulatorStats & { packets: number; dropped: number }): string {
  const { links, denied, dropped, drops } = stats;
  const lines = links.map(describeLink);
  const lost = [causes(drops), denied > 0 ? `denied ${denied}` : ''].filter((part) => part !== '').join(', ');
  return [
    `dropped ${count(dropped, 'packet')}${lost === '' ? '' : ` (${lost})`}, ${percent(dropped, stats.packets + dropped)}`,
    ...lines,
  ].join('\n');
}
