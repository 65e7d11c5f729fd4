/** How pkt-gen writes. */

/**
 * A line on standard error as netmap programs write it: time of day (seconds modulo 1000), function and line number in brackets,
 * which stand for themselves so that scripts find the fields where they expect them.
 */
export function say(place: string, text: string): void {
  const now = Date.now();
  const micros = Math.floor((performance.timeOrigin + performance.now()) * 1000) % 1_000_000;
  const seconds = Math.floor(now / 1000) % 1000;
  process.stderr.write(`${String(seconds).padStart(3, '0')}.${String(micros).padStart(6, '0')} ${place} ${text}\n`);
}

/** `14.881 M`: three figures behind the point, in steps of 1000; as it is without `normalize`. */
export function norm(value: number, normalize: boolean): string {
  if (!normalize) return `${value.toFixed(0)} `;
  const units = ['', 'K', 'M', 'G', 'T'];
  let step = 0;
  let scaled = value;
  for (; scaled >= 1000 && step < units.length - 1; step++) scaled /= 1000;
  return `${scaled.toFixed(3)} ${units[step]}`;
}

/** The same as {@link say}, but so many lines a second at most. */
export class Seldom {
  private readonly most: number;
  private second = 0;
  private said = 0;

  constructor(most: number) {
    this.most = most;
  }

  say(place: string, text: string): void {
    const second = Math.floor(performance.now() / 1000);
    if (second !== this.second) this.said = 0;
    this.second = second;
    if (this.said++ < this.most) say(place, text);
  }
}
