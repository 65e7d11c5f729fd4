import Table from 'cli-table3';
import { count, percent } from '../format';
import type { ToolLine } from './child-tool';

/** A line about the last second of one of the two processes. */
export function liveLine(device: string, who: string, line: ToolLine): string {
  const time = `${line.elapsed.toFixed(0).padStart(3)} s`;
  const rates = `${mpps(line).padStart(8)} Mpps  ${gbits(line.bps).padStart(7)} Gbit/s`;
  return `${time}  ${device}  ${who.padEnd(9)}  ${rates}  loss ${loss(line)}`;
}

/** The closing table. */
export function closingTable(rows: readonly [who: string, summary: ToolLine | undefined][]): string {
  const table = new Table({
    head: ['process', 'packets', 'bytes', 'seconds', 'Mpps', 'Gbit/s', 'loss'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const [who, line] of rows) {
    if (!line) table.push([who, { content: 'has ended without a summary', colSpan: 6 }]);
    else {
      const bps = line.seconds > 0 ? (8 * line.bytes) / line.seconds : 0;
      table.push([who, line.packets, line.bytes, line.seconds.toFixed(2), mpps(line), gbits(bps), loss(line)]);
    }
  }
  return table.toString();
}

/** Whether what was sent is what was received and what was dropped. */
export function account(sent: ToolLine, received: ToolLine): string {
  const dropped = received.dropped ?? 0;
  const unroutable = sent.unroutable ?? 0;
  const missing = sent.packets - unroutable - received.packets - dropped;
  const nobody = unroutable ? `, for nobody ${unroutable}` : '';
  const balance = `sent ${sent.packets}, received ${received.packets}, dropped ${dropped}${nobody}`;
  if (missing === 0) return `every packet is accounted for: ${balance}`;
  // The kernel does not tell what it drops; others on the switch add to what is received.
  return `${balance}: ${missing > 0 ? `${count(missing, 'packet')} less` : `${count(-missing, 'packet')} more`} than sent`;
}

function mpps({ pps }: ToolLine): string {
  return (pps / 1e6).toFixed(3);
}

function gbits(bps: number): string {
  return (bps / 1e9).toFixed(3);
}

/** Only receivers know it. */
function loss({ packets, dropped }: ToolLine): string {
  return typeof dropped === 'number' ? percent(dropped, packets + dropped) : '-';
}
