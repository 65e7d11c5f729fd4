import { isFailure, native, type NativeEngineReport } from './native';
import type { PortReport } from './port-report';
import { systemError } from './system-error';

export type { PortReport } from './port-report';

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
  return engineReport()?.ports ?? [];
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
