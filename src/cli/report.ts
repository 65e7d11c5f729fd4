import { closeSync, openSync, writeSync } from 'node:fs';
import { Recorder, type App, type Traffic } from '../apps';
import { NetmapError } from '../errors';
import { reportPage } from '../report';

const EVERY_MS = 100;

/** The page of `--report`: opened at the beginning, so that a wrong path shows before the run, and written at its end. */
export class Report {
  private readonly recorder: Recorder;
  private readonly file: number;
  private readonly timer: NodeJS.Timeout;

  constructor(path: string, app: App<Traffic>, tool: string) {
    try {
      this.file = openSync(path, 'w');
    } catch (cause) {
      const { code, errno, message } = cause as NodeJS.ErrnoException;
      throw new NetmapError(`cannot write the report: ${message}`, { code: code ?? 'EIO', errno, syscall: 'open' });
    }
    this.recorder = new Recorder(app, tool);
    this.timer = setInterval(() => this.recorder.sample(), EVERY_MS);
  }

  write(): void {
    clearInterval(this.timer);
    writeSync(this.file, reportPage(this.recorder.record()));
    closeSync(this.file);
  }
}
