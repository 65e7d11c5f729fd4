/** Says of the slots at the front of an rx ring which frames are to be kept. */
export interface Judge {
  /** A byte for each slot from the head of the ring on: 0 = drop. */
  readonly bytes: Uint8Array;
  /**
   * Judges what has not been judged among the first `count` slots.
   *
   * @returns slots that have been judged: at most `count`, fewer where the rest of a frame has still to come
   */
  judge(count: number): number;
  /** The first `count` slots have gone. */
  forget(count: number): void;
}
