import type { EmulationPort } from '../../emulator';
import { ControlServer } from '../../emulator/control-server';
import { Emulation } from '../../emulator/emulation';
import { TimeLimit } from '../../apps/time-limit';
import { parsePortName } from '../../name';
import { open } from '../../open';
import { Port } from '../../port';
import type { EmulateOptions } from '../emulate';
import { describePort, describeTraffic } from '../describe';
import { Live } from '../live';
import { onClosedOutput, Output } from '../output';
import { Report } from '../report';
import { StopSignals } from '../stop-signals';
import { describeEmulator } from './describe';
import { makeEmulator } from './make';
import { openRuleLog } from '../rule-log';

/** `emulate A B`: between two ports, until a signal asks for the end. */
export async function emulateOnline(a: string, b: string, options: EmulateOptions): Promise<void> {
  const output = new Output(options.json ?? false, options.csv);
  // A file of commands may be a FIFO that nobody writes to: until it is read, Ctrl-C ends the process as it would any other.
  const emulator = makeEmulator(options);
  const signals = new StopSignals();
  onClosedOutput(() => signals.ask());
  for (const note of emulator.notes) output.warn(note);
  const halves = options.threads === 2;
  const inside = openPort(a, options, halves);
  try {
    const outside = openPort(b, options, halves);
    try {
      const emulation = new Emulation(inside, outside, emulator, {
        threads: halves ? 2 : 1,
        spin: options.spin,
        cores: options.cores,
        realtime: options.realtime,
        copy: options.copy,
        curves: options.report !== undefined,
      });
      await run(emulation, rxOf(inside), rxOf(outside), options, output, signals);
    } finally {
      closePort(outside);
    }
  } finally {
    closePort(inside);
  }
}

async function run(
  emulation: Emulation,
  inside: Port,
  outside: Port,
  options: EmulateOptions,
  output: Output,
  signals: StopSignals,
): Promise<void> {
  const name =
    options.name ??
    parsePortName(inside.name)
      .name.replace(/[^\w.-]/g, '-')
      .slice(0, 64);
  // A report that cannot be written ends it here, before there are timers or sockets.
  const report = options.report === undefined ? undefined : new Report(options.report, emulation, 'emulate');
  const log = openRuleLog(options.log, emulation.emulator, output);
  if (log) emulation.emulator.logTo(log);
  const control = await ControlServer.open(name, emulation.emulator, () => emulation.stats());
  const live = new Live(emulation, output, options.every);
  const limit = new TimeLimit(options.duration ?? Infinity, new AbortController().signal);
  emulation.emulator.on('note', (note) => output.warn(note));
  try {
    const done = emulation.start();
    const { fields } = describePort(inside, inside.rxRings);
    const copies = emulation.zeroCopy ? 'zero-copy where nothing waits' : 'copying';
    output.tell(
      'start',
      { command: 'emulate', ...fields, outside: outside.name, name, zeroCopy: emulation.zeroCopy },
      `${inside.name} (inside) - ${outside.name} (outside) on the ${inside.device}, ${copies}; --control ${name}`,
    );
    const stop = () => emulation.stop({ drain: options.drain });
    limit.signal.addEventListener('abort', stop);
    signals.listen(stop);
    await done;
  } finally {
    limit.clear();
    live.stop();
    control.close();
    const stats = emulation.stats();
    output.tell(
      'summary',
      { command: 'emulate', ...stats, device: inside.device, port: inside.name, outside: outside.name, name },
      `${describeTraffic('passed on', stats)}\n${describeEmulator(stats)}`,
    );
    try {
      log?.close();
    } finally {
      report?.write();
    }
  }
}

function openPort(name: string, { device }: EmulateOptions, halves: boolean): EmulationPort {
  // Ports of virtual machines are as good as others.
  const acceptVnetHdr = true;
  if (!halves) return open(name, { device, acceptVnetHdr });
  const rx = open(name, { device, acceptVnetHdr, rxOnly: true });
  try {
    return { rx, tx: open(name, { device, acceptVnetHdr, txOnly: true }) };
  } catch (error) {
    rx.close();
    throw error;
  }
}

function rxOf(port: EmulationPort): Port {
  return port instanceof Port ? port : port.rx;
}

function closePort(port: EmulationPort): void {
  for (const one of port instanceof Port ? [port] : [port.rx, port.tx]) one.close();
}
