import type { Session } from './session';

/** What is varied from case to case of one benchmark. */
export interface Conditions {
  /** Packets per sync. */
  batch?: number;
  /** Bytes of a frame, without CRC. */
  frame?: number;
  /** How the program waits, or whose program it is. */
  mode?: string;
}

/** Numbers of one run, by figure. */
export type Measurement = Record<string, number>;

export interface Figure {
  name: string;
  unit: string;
  /** Peers are compared by this one. */
  main?: boolean;
  /** Peers have it, too, but it is not compared. */
  ofPeers?: boolean;
}

/** What the project wants to reach. Missing it is reported and fails nothing: a time is no test. */
export interface Goal {
  figure: string;
  atLeast?: number;
  atMost?: number;
  /** The limit is for the ratio to this peer, not for the figure. */
  over?: string;
  /** Beyond what was promised: good to reach. */
  aim?: boolean;
  /** Applies to this case only. */
  when(conditions: Conditions): boolean;
}

export interface Contestant {
  readonly name: string;
  measure(conditions: Conditions, session: Session): Promise<Measurement>;
}

/** Somebody else's program, measured in turn with ours. */
export interface Peer extends Contestant {
  /** Why it cannot take part on this machine; undefined when it can. */
  missing(session: Session): Promise<string | undefined> | string | undefined;
  /** Whether it has a counterpart of this case. */
  fits(conditions: Conditions): boolean;
}

/** One benchmark: a number or a few, under each of some conditions. */
export interface Benchmark {
  readonly name: string;
  /** One line for the list. */
  readonly what: string;
  readonly figures: readonly Figure[];
  readonly goals?: readonly Goal[];
  /** A short selection, or the whole grid. */
  cases(full: boolean): Conditions[];
  readonly ours: Contestant;
  readonly peers: readonly Peer[];
}

/** The case that the goals are for. */
export function isHeadline({ batch, frame }: Conditions): boolean {
  return (batch === undefined || batch === 512) && (frame === undefined || frame === 60);
}
