import Table from 'cli-table3';
import type { Command } from 'commander';
import { NetmapError } from '../errors';
import { ports, reclaimedPorts, type PortReport } from '../ports';
import { probe } from '../probe';
import { count, size } from './format';
import { addCommon, type CommonOptions } from './options';
import { Output } from './output';

export function addPorts(program: Command): void {
  const command = program
    .command('ports')
    .description('list the switches and ports of the engine: who has them open, and what they have counted');
  addCommon(command, ['ports', 'ports --json']).action(list);
}

function list({ json = false, device }: CommonOptions): void {
  if (device === 'kernel') {
    const hint = 'leave --device out to list those of the engine, or use vale-ctl of the netmap sources';
    throw new NetmapError(`the kernel module does not list its ports; ${hint}`, { code: 'ERR_NETMAP_DEVICE', hint });
  }
  const output = new Output(json);
  const { folder } = probe().engine;
  const reports = ports().sort((a, b) => a.name.localeCompare(b.name));
  output.tell('start', { command: 'ports', device: 'engine', folder }, `the engine in ${folder}`);
  if (json) for (const report of reports) output.tell('port', report, '');
  for (const { name, pid, at } of reclaimedPorts()) {
    const ago = ((Date.now() - at.getTime()) / 1000).toFixed(0);
    output.tell(
      'reclaimed',
      { name, pid, at },
      `${name} was taken away ${ago} s ago: process ${pid} ended without closing it`,
    );
  }
  const switches = new Set(reports.filter(({ kind }) => kind === 'vale').map(({ switchName }) => switchName)).size;
  const packets = sum(reports, ({ counters }) => counters.txPackets);
  const bytes = sum(reports, ({ counters }) => counters.txBytes);
  const summary = { ports: reports.length, switches, packets, bytes, seconds: 0, pps: 0, device: 'engine', port: null };
  output.tell(
    'summary',
    { command: 'ports', ...summary },
    reports.length === 0
      ? 'no port is open'
      : `${table(reports)}\n${count(reports.length, 'port')}, ${count(switches, 'switch').replace('switchs', 'switches')}`,
  );
}

function table(reports: readonly PortReport[]): string {
  const table = new Table({
    head: ['port', 'rings x slots', 'memory', 'processes', 'sent', 'received', 'dropped', 'not delivered'],
    colAligns: ['left', 'left', 'right', 'left', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const { name, ended, txRings, txSlots, rxRings, rxSlots, memoryBytes, owners, counters } of reports) {
    table.push([
      ended ? `${name} (its port is gone)` : name,
      `tx ${txRings} x ${txSlots}, rx ${rxRings} x ${rxSlots}`,
      size(memoryBytes),
      owners.join(' '),
      counters.txPackets,
      counters.rxPackets,
      counters.dropFull + counters.dropBusy,
      counters.dropBad + counters.dropUnroutable,
    ]);
  }
  return table.toString();
}

function sum(reports: readonly PortReport[], value: (report: PortReport) => number): number {
  return reports.reduce((total, report) => total + value(report), 0);
}
