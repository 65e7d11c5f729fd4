/**
 * Whether others want the processor. Who looks for packets without a break while the sender waits for a processor only takes it away
 * from the sender, and then waits for its own turn, tens of milliseconds: there it is better to sleep, because sleepers go first.
 */
export class Crowd {
  private before = switches();

  /** Whether this process has had the processor for as long as it wanted since this was asked last. */
  leaves(): boolean {
    const now = switches();
    const alone = now === this.before;
    this.before = now;
    return alone;
  }
}

/** How often the processor was taken away from this process. */
function switches(): number {
  return process.resourceUsage().involuntaryContextSwitches;
}
