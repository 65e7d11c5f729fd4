import { SlotSender } from './slot-sender';

/** Sends without writing packets first: what the rings alone are capable of. */
export class Rubbish extends SlotSender {
  protected write(): void {
    // What is there is good enough.
  }
}
