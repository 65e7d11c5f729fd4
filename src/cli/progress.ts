/** How far something has come, and when it will be done. */

const WIDTH = 20;

/** What an app says about that: see `ReplayStats`. */
export interface Progress {
  progress?: number | null;
  secondsLeft?: number | null;
}

/** `[#####---------------]  25 %, 12 s left, ends 14:03:22`; nothing where there is no end to be seen. */
export function progressBar({ progress, secondsLeft }: Progress, now = new Date()): string {
  let text = '';
  if (typeof progress === 'number') {
    const done = Math.floor(progress * WIDTH);
    text += `   [${'#'.repeat(done)}${'-'.repeat(WIDTH - done)}] ${String(Math.floor(100 * progress)).padStart(3)} %`;
  }
  if (typeof secondsLeft === 'number') text += `   ${duration(secondsLeft)} left, ends ${end(secondsLeft, now)}`;
  return text;
}

/** `12 s`, `3:05 min`, `2:00 h`. */
function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  const two = (value: number) => String(value).padStart(2, '0');
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)}:${two(whole % 60)} min`;
  return `${Math.floor(whole / 3600)}:${two(Math.floor((whole % 3600) / 60))} h`;
}

/** The time of day, with the date where that is another one. */
function end(seconds: number, now: Date): string {
  const at = new Date(now.getTime() + 1000 * seconds);
  if (Number.isNaN(at.getTime())) return 'never';
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} `;
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return at.toDateString() === now.toDateString() ? clock : date + clock;
}
