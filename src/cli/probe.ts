import Table from 'cli-table3';
import type { Command } from 'commander';
import { probe, type Probe } from '../probe';
import { size } from './format';
import { addCommon, type CommonOptions } from './options';
import { Output } from './output';

export function addProbe(program: Command): void {
  const command = program
    .command('probe')
    .description('say what there is to work with: kernel module, engine, limits, and what to do about each problem');
  addCommon(command, ['probe', 'probe --json']).action(look);
}

function look({ json = false, device }: CommonOptions): void {
  if (device) process.env.NODE_NETMAP_DEVICE = device;
  const output = new Output(json);
  const found = probe();
  const taken = found.device;
  const first = taken ? `ports are opened on the ${taken}` : 'no port can be opened here';
  output.tell('start', { command: 'probe', device: taken }, first);
  const summary = { packets: 0, bytes: 0, seconds: 0, pps: 0, port: null, ...found };
  output.tell('summary', { command: 'probe', ...summary }, `${table(found)}${problems(found)}`);
  // Scripts want to know without reading: 0 = can be used.
  process.exitCode = taken ? 0 : 1;
}

function table({ platform, node, kernel, engine }: Probe): string {
  const table = new Table({ style: { head: [], border: [] }, wordWrap: true, colWidths: [10, 90] });
  table.push(['system', `${platform}, Node ${node}`]);
  table.push(['kernel', usable(kernel) + (kernel.moduleVersion ? `\nmodule ${kernel.moduleVersion}` : '')]);
  table.push(['engine', `${usable(engine)}\nfolder ${engine.folder || 'unknown'}${limits(engine.limits)}`]);
  return table.toString();
}

function usable({ usable, version, error }: { usable: boolean; version?: number; error?: string }): string {
  return usable
    ? `usable${version === undefined ? '' : `, API version ${version}`}`
    : `not usable: ${error ?? 'unknown'}`;
}

function limits(limits: Probe['engine']['limits']): string {
  if (!limits) return '';
  const { switches, ports, bufSize, freeBytes } = limits;
  const free = freeBytes === undefined ? '' : `, ${size(freeBytes)} free`;
  return `\n${switches} switches of ${ports} ports, buffers of ${bufSize} bytes${free}`;
}

function problems({ problems }: Probe): string {
  return problems.map(({ what, remedy }) => `\nproblem: ${what}\n  remedy: ${remedy}`).join('');
}
