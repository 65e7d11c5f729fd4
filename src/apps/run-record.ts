import type { App } from './app';
import type { Details } from './details';
import type { Traffic } from './meter';

/** Everything about one run of an app, as plain data: what `--report` draws. */
export interface RunRecord extends Required<Details> {
  /** Version of this format. */
  format: 1;
  /** The command, or the class of the app. */
  tool: string;
  device: string;
  ports: string[];
  /** When it began, as ISO 8601. */
  started: string;
  /** From the beginning to the last sample. */
  seconds: number;
  /**
   * The counters as time goes by, column by column. `seconds` is when a sample was taken, counted from the beginning; the
   * other columns are numbers of {@link App.stats} as they stood then (counters add up: rates are differences).
   */
  series: { seconds: number[] } & Record<string, number[]>;
  /** What {@link App.stats} said last. */
  summary: object;
}

/** Samples that are kept at most: an hour of seconds. Beyond it every other one goes, so that a run may last for weeks. */
const MOST_SAMPLES = 3600;

/**
 * Keeps the counters of an app as they grow.
 *
 * ```ts
 * const recorder = new Recorder(sink, 'sink');
 * const timer = setInterval(() => recorder.sample(), 1000);
 * await sink.start();
 * clearInterval(timer);
 * writeFileSync('run.json', JSON.stringify(recorder.record()));
 * ```
 */
export class Recorder {
  private readonly app: App<Traffic>;
  private readonly tool: string;
  private readonly started = new Date();
  private readonly origin = performance.now();
  private readonly rows: Record<string, number>[] = [];
  /** Of so many samples one is kept. */
  private stride = 1;
  private offered = 0;

  constructor(app: App<Traffic>, tool: string = app.constructor.name) {
    this.app = app;
    this.tool = tool;
    this.sample();
  }

  /** Takes a sample; to be called at regular intervals. */
  sample(): void {
    if (this.offered++ % this.stride !== 0) return;
    this.rows.push(this.row());
    if (this.rows.length < MOST_SAMPLES) return;
    this.rows.splice(0, this.rows.length, ...this.rows.filter((_, k) => k % 2 === 0));
    this.stride *= 2;
  }

  /** The run until now. */
  record(): RunRecord {
    const last = this.row();
    const rows = [...this.rows, last];
    const names = new Set(rows.flatMap((row) => Object.keys(row)));
    const column = (name: string) => rows.map((row) => row[name] ?? 0);
    const { histograms = {}, shares = {}, curves = [] } = this.app.details();
    return {
      format: 1,
      tool: this.tool,
      device: this.app.ports[0]?.device ?? '',
      ports: this.app.ports.map(({ name }) => name),
      started: this.started.toISOString(),
      seconds: last.seconds,
      series: Object.fromEntries([...names].map((name) => [name, column(name)])) as RunRecord['series'],
      histograms,
      shares,
      curves,
      summary: this.app.stats(),
    };
  }

  /** The numbers among the stats. The time of the sample takes the place of the app's own `seconds`. */
  private row(): Record<string, number> {
    const numbers = Object.entries(this.app.stats()).filter(([, value]) => typeof value === 'number');
    return { ...Object.fromEntries(numbers), seconds: (performance.now() - this.origin) / 1000 };
  }
}
