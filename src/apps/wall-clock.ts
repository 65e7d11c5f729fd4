/** How far the monotonic clock may part from the wall clock before it is set anew, in ms. */
const MOST_DRIFT = 5;

/**
 * Time of day in whole seconds and nanoseconds, for time stamps: as steady as the monotonic clock, set by the wall clock at
 * the start and whenever that has been put right. Reading allocates nothing.
 */
export class WallClock {
  /** Whole seconds since 1970, at the last reading. */
  seconds = 0;
  /** Nanoseconds within the second. */
  nanoseconds = 0;
  /** Wall clock at monotonic time 0: whole seconds, and nanoseconds within. */
  private originSeconds = 0;
  private originNanoseconds = 0;

  constructor() {
    this.set(performance.timeOrigin);
    this.adjust(performance.now());
  }

  /** @param now `performance.now()` */
  read(now: number): void {
    const nanoseconds = this.originNanoseconds + Math.round(now * 1e6);
    const carry = Math.floor(nanoseconds / 1e9);
    this.seconds = this.originSeconds + carry;
    this.nanoseconds = nanoseconds - carry * 1e9;
  }

  /** Follows a wall clock that has been set; to be called now and then. */
  adjust(now: number): void {
    const wall = Date.now();
    const ours = this.originSeconds * 1000 + this.originNanoseconds / 1e6 + now;
    if (Math.abs(wall - ours) > MOST_DRIFT) this.set(wall - now);
  }

  private set(originMs: number): void {
    this.originSeconds = Math.floor(originMs / 1000);
    this.originNanoseconds = Math.round((originMs - this.originSeconds * 1000) * 1e6);
  }
}
