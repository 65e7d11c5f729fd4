/**
 * Addresses of which a switch believes that they live at the port that is to receive a replay: it follows what the switch learns
 * from the replayed packets, and from the frames of a {@link Signpost}.
 */
export class Stations {
  private readonly there = new Set<number>();

  /**
   * A frame is about to be sent.
   *
   * @returns whether the switch has to be told first where the frame's destination lives
   */
  pass(bytes: Uint8Array, offset: number, length: number): boolean {
    if (length < 14) return false;
    const to = address(bytes, offset);
    const needed = (bytes[offset] & 1) === 0 && !this.there.has(to);
    if (needed) this.there.add(to);
    // Its source is where it is sent from.
    this.there.delete(address(bytes, offset + 6));
    return needed;
  }
}

/** A MAC address as a number. */
function address(bytes: Uint8Array, at: number): number {
  const high = (bytes[at] << 16) | (bytes[at + 1] << 8) | bytes[at + 2];
  return high * 0x1000000 + ((bytes[at + 3] << 16) | (bytes[at + 4] << 8) | bytes[at + 5]);
}
