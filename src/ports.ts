import type { Counters } from './counters';
import { isFailure, native } from './native';
import { systemError } from './system-error';

/** A port of the engine, as any process of the same user may see it. */
export interface PortReport {
  /** As opened: `vale0:a`, `x{1`, `null`. */
  name: string;
  kind: 'vale' | 'pipe' | 'null';
  /** Name of the switch, empty for pipes and null ports. */
  switchName: string;
  portIndex: number;
  memId: number;
  txRings: number;
  rxRings: number;
  txSlots: number;
  rxSlots: number;
  /** Bytes of its memory region that are in use so far. */
  memoryBytes: number;
  /** Process ids of those who have it open. */
  owners: number[];
  counters: Counters;
}

/** The ports that are open on the engine. Empty when there are none, or no engine on this system. */
export function ports(): PortReport[] {
  const report = native().engineReport();
  if (!isFailure(report)) return report.ports as PortReport[];
  if (report.call === 'engine') return [];
  throw systemError('listing', report.errno, {
    port: 'ports',
    device: 'engine',
    call: report.call,
    detail: report.detail,
  });
}
