import type { RunRecord } from '../apps/run-record';
import type { Curve } from './curve';

/** Counters of losses, by the name that they have in stats, and what to call them. */
const LOSSES: Record<string, string> = {
  dropped: 'dropped',
  lost: 'lost',
  reordered: 'reordered',
  duplicated: 'duplicated',
  corrupt: 'corrupt',
};

/** What changed between neighbours, per second; null where no time has passed. */
function rates(seconds: number[], counters: number[], factor = 1): (number | null)[] {
  return counters.slice(1).map((value, k) => {
    const passed = seconds[k + 1] - seconds[k];
    return passed > 0 ? (factor * (value - counters[k])) / passed : null;
  });
}

/** Rates and losses over time. */
export function seriesCurves({ series }: Pick<RunRecord, 'series'>): Curve[] {
  const { seconds, packets, bytes } = series;
  if (seconds.length < 3 || packets === undefined) return [];
  const x = { label: 'seconds', values: seconds.slice(1) };
  const curves: Curve[] = [
    {
      title: 'Packets per second',
      x,
      y: { label: 'packets/s' },
      lines: [{ label: 'packets/s', values: rates(seconds, packets) }],
    },
  ];
  if (bytes !== undefined) {
    curves.push({
      title: 'Bits per second',
      note: 'Bits of the frames, without CRC, preamble and gap.',
      x,
      y: { label: 'bit/s' },
      lines: [{ label: 'bit/s', values: rates(seconds, bytes, 8) }],
    });
  }
  const losses = Object.keys(LOSSES).filter((name) => series[name]?.some((value) => value > 0));
  if (losses.length > 0) {
    curves.push({
      title: 'Loss',
      note: 'Packets per second that were sent and did not arrive as they should.',
      x,
      y: { label: 'packets/s' },
      lines: losses.map((name) => ({ label: LOSSES[name], values: rates(seconds, series[name]) })),
      shape: 'steps',
    });
  }
  return curves;
}
