/** What a tool tells: lines for people, or one JSON object a line. Problems go to standard error in both cases. */
export class Output {
  private readonly json: boolean;

  constructor(json: boolean) {
    this.json = json;
  }

  /** One message in both forms. */
  tell(type: string, fields: object, text: string): void {
    process.stdout.write(this.json ? `${JSON.stringify({ type, ...fields })}\n` : `${text}\n`);
  }

  /** Something to know that is no result. */
  warn(text: string): void {
    process.stderr.write(`node-netmap: ${text}\n`);
  }
}

/** Calls back when nobody reads our output any more, as in `node-netmap sink ... | head`: then there is no use going on. */
export function onClosedOutput(callback: () => void): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    callback();
  });
}
