import type { Counters } from './counters';
import { isFailure, native, type NativeEngineReport } from './native';
import { systemError } from './system-error';

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

/** A port of the engine that was taken away because its process ended without closing it. */
export interface ReclaimedPort {
  /** As the port was opened, without `netmap:`. */
  name: string;
  /** The process that had opened it. */
  pid: number;
  /** When that was noticed, to the second. */
  at: Date;
}

/**
 * The ports that were last taken away from processes which had died (killed, crashed, exited in a hurry): 16 at most, the latest
 * last. The engine remembers them as long as anybody has a port open.
 */
export function reclaimedPorts(): ReclaimedPort[] {
  return engineReport()?.reclaimed.map(({ name, pid, at }) => ({ name, pid, at: new Date(1000 * at) })) ?? [];
}

/** The ports that are open on the engine. Empty when there are none, or no engine on this system. */
export function ports(): PortReport[] {
  return (engineReport()?.ports as PortReport[] | undefined) ?? [];
}

function engineReport(): NativeEngineReport | undefined {
  const report = native().engineReport();
  if (!isFailure(report)) return report;
  if (report.call === 'engine') return undefined;
  throw systemError('listing', report.errno, {
    port: 'ports',
    device: 'engine',
    call: report.call,
    detail: report.detail,
  });
}
