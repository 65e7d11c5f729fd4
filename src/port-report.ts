import type { Counters } from './counters';

/** A port of the engine, as any process of the same user may see it. */
export interface PortReport {
  /** As opened: `vale0:a`, `netmap:x{1`, `null`, `vale0:a/rt`. */
  name: string;
  kind: 'vale' | 'pipe' | 'null' | 'monitor';
  /** Of a monitor: the port that it watched has been closed. */
  ended: boolean;
  /** Name of the switch, empty for pipes and null ports. */
  switchName: string;
  portIndex: number;
  memId: number;
  txRings: number;
  rxRings: number;
  txSlots: number;
  rxSlots: number;
  /** Slots of each tx ring that hold packets which nobody has taken yet. */
  txUsed: number[];
  /** Slots of each rx ring that hold packets which have not been given back yet. Both as of the last sync. */
  rxUsed: number[];
  /** Bytes of its memory region that are in use so far. */
  memoryBytes: number;
  /** Process ids of those who have it open. */
  owners: number[];
  counters: Counters;
}
