/** Forms of what a tool tells. */
export type OutputFormat = 'text' | 'json' | 'csv';

/**
 * What a tool tells: lines for people, one JSON object a line, or a table of comma-separated values, which has the rows of
 * {@link Output.row} only: everything else goes to standard error then. Problems go to standard error in any case.
 */
export class Output {
  readonly format: OutputFormat;
  private readonly stream: NodeJS.WritableStream;

  /** @param stream where it goes: standard output, unless that is for data */
  constructor(json: boolean, csv = false, stream: NodeJS.WritableStream = process.stdout) {
    this.format = json ? 'json' : csv ? 'csv' : 'text';
    this.stream = stream;
  }

  /** One message in all forms. */
  tell(type: string, fields: object, text: string): void {
    if (this.format === 'json') this.write(`${JSON.stringify({ type, ...fields })}\n`);
    else if (this.format === 'text') this.write(`${text}\n`);
    else process.stderr.write(`${text}\n`);
  }

  /** A row of the table of comma-separated values. */
  row(values: readonly (string | number)[]): void {
    this.write(`${values.map(quoted).join(',')}\n`);
  }

  /** Something to know that is no result. */
  warn(text: string): void {
    process.stderr.write(`node-netmap: ${text}\n`);
  }

  private write(text: string): void {
    this.stream.write(text);
  }
}

/** As RFC 4180 has it. */
function quoted(value: string | number): string {
  const text = typeof value === 'number' ? String(Number(value.toFixed(6))) : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

let said = false;

/**
 * Calls back when our output cannot be written any more: because nobody reads it, as in `node-netmap sink ... | head`, which is no
 * failure, or because a disk is full, which is. There is no use going on then.
 */
export function onClosedOutput(callback: () => void): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED' && !said) {
      said = true;
      process.exitCode = 1;
      process.stderr.write(`node-netmap: cannot write to standard output: ${error.message}\n`);
    }
    callback();
  });
}
