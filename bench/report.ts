import Table from 'cli-table3';
import type { Line, Verdict } from './lines';
import type { Machine } from './machine';

export interface Ending {
  seconds: number;
  missed: Line[];
}

/** Where results go. */
export interface Report {
  begin(machine: Machine): void;
  skipped(who: string, reason: string): void;
  lines(lines: Line[]): void;
  end(ending: Ending): void;
}

/** One JSON object a line. */
export class JsonReport implements Report {
  begin(machine: Machine): void {
    this.write('machine', machine);
  }
  skipped(who: string, reason: string): void {
    this.write('skipped', { who, reason });
  }
  lines(lines: Line[]): void {
    for (const line of lines) this.write('figure', line);
  }
  end({ seconds, missed }: Ending): void {
    this.write('summary', { seconds, missed: missed.length });
  }

  private write(type: string, values: object): void {
    process.stdout.write(`${JSON.stringify({ type, ...values })}\n`);
  }
}

const HEAD = [
  'benchmark',
  'batch',
  'frame',
  'mode',
  'who',
  'figure',
  'median',
  'min .. max',
  'ours : theirs',
  'crowded',
  'goal',
];

/** A table at the end; meanwhile a line on standard error per case, as the whole takes minutes. */
export class TableReport implements Report {
  private readonly all: Line[] = [];

  begin({ cpu, cores, node, device, buffers }: Machine): void {
    process.stdout.write(`${cores} x ${cpu}, Node ${node}, device: ${device} (buffers of ${buffers} bytes)\n`);
  }

  skipped(who: string, reason: string): void {
    process.stderr.write(`skipped ${who}: ${reason}\n`);
  }

  lines(lines: Line[]): void {
    this.all.push(...lines);
    const [first] = lines;
    process.stderr.write(
      `${[first.benchmark, ...Object.values(first.conditions)].join(' ')}: ${number(first.median)} ${first.unit}\n`,
    );
  }

  end({ seconds, missed }: Ending): void {
    const table = new Table({ head: HEAD, style: { head: [], border: [], compact: true } });
    let before = '';
    for (const line of this.all) {
      const { batch = '', frame = '', mode = '' } = line.conditions;
      const names = [line.benchmark, batch, frame, mode];
      const isNew = names.join() !== before;
      before = names.join();
      table.push([
        ...(isNew ? names : ['', '', '', '']),
        line.who,
        line.figure,
        `${number(line.median)} ${line.unit}`,
        `${number(line.min)} .. ${number(line.max)}`,
        line.ratio === undefined ? '' : `${number(line.ratio)} x`,
        !isNew || line.crowded === undefined ? '' : `${line.crowded.toFixed(0)} %`,
        (line.goals ?? []).map(describe).join(', '),
      ]);
    }
    process.stdout.write(`${table.toString()}\n`);
    const missing = missed.length === 0 ? 'all goals reached' : `${missed.length} goals missed`;
    process.stdout.write(`${seconds.toFixed(0)} s, ${missing}\n`);
  }
}

function describe({ goal, aim, reached }: Verdict): string {
  return `${aim ? 'aim ' : ''}${goal}: ${reached ? 'yes' : 'no'}`;
}

/** Three significant digits; whole numbers in full. */
export function number(value: number): string {
  if (Number.isInteger(value) || Math.abs(value) >= 1000) return value.toFixed(0);
  return value.toPrecision(3);
}
