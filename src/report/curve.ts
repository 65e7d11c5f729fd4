/** A plot that an app wants drawn beside what every report has: plain data. */
export interface Curve {
  title: string;
  /** What it shows and how to read it, in one sentence. */
  note?: string;
  /** `log`: powers of ten, for values above 0. */
  x: { label: string; scale?: 'linear' | 'log'; values: number[] };
  y: { label: string; scale?: 'linear' | 'log' };
  /** Lines over the same x; null where there is nothing to draw. `steps` draws them as stairs, `bars` as columns. */
  lines: { label: string; values: (number | null)[] }[];
  shape?: 'line' | 'steps' | 'bars';
}
