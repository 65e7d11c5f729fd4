import { closeSync, openSync, writeFileSync } from 'node:fs';
import type { App, Traffic } from '../apps';
import { Recorder, type RunRecord } from '../apps/run-record';
import { NetmapError } from '../errors';
import { reportPage } from '../report';

const EVERY_MS = 100;

/** The page of a run, as its application grows. */
export class Report {
  private readonly recorder: Recorder;
  private readonly file: ReportFile;
  private readonly timer: NodeJS.Timeout;

  constructor(path: string, app: App<Traffic>, tool: string) {
    this.file = new ReportFile(path);
    this.recorder = new Recorder(app, tool);
    this.timer = setInterval(() => this.recorder.sample(), EVERY_MS);
  }

  write(): void {
    clearInterval(this.timer);
    this.file.write(this.recorder.record());
  }
}

/** The page of `--report`: opened at the beginning, so that a wrong path shows before the run, and written at its end. */
export class ReportFile {
  private readonly path: string;
  private readonly file: number;

  constructor(path: string) {
    this.path = path;
    this.file = this.try('open', () => openSync(path, 'w'));
  }

  write(record: RunRecord): void {
    try {
      this.try('write', () => writeFileSync(this.file, reportPage(record)));
    } finally {
      closeSync(this.file);
    }
  }

  private try<T>(syscall: string, work: () => T): T {
    try {
      return work();
    } catch (cause) {
      const { code = 'EIO', errno, message } = cause as NodeJS.ErrnoException;
      const where = message.includes(this.path) ? '' : ` (${this.path})`;
      throw new NetmapError(`cannot write the report: ${message}${where}`, { code, errno, syscall });
    }
  }
}
