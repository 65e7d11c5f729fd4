import { describePacket } from '../packet/layers';
import type { CaptureWriter } from '../pcap';
import { createCapture } from '../pcap/create';
import type { RuleLogEntry } from '../ruleset';
import type { Output } from './output';

/** Rules, or an emulator that has some. */
interface Logs {
  on(event: 'log', listener: (entry: RuleLogEntry) => void): unknown;
}

/** What rules with `log` match: a line for each, or into a capture, if a file was named. */
export function openRuleLog(file: string | undefined, rules: Logs, output: Output): CaptureWriter | undefined {
  if (file !== undefined) return createCapture(file);
  rules.on('log', (entry) => {
    const { data, ...fields } = entry;
    const packet = describePacket(data);
    output.tell('log', { ...fields, packet }, `${describeEntry(entry)}: ${packet}`);
  });
  return undefined;
}

/** Much like what ipfw writes into the system's log. */
function describeEntry({ rule, action, argument, direction, recv, xmit, length }: RuleLogEntry): string {
  return [
    `rule ${rule} ${action}`,
    ...(argument === undefined ? [] : [argument]),
    direction,
    ...(recv === undefined ? [] : [`recv ${recv}`]),
    ...(xmit === undefined ? [] : [`xmit ${xmit}`]),
    `length ${length}`,
  ].join(' ');
}
