/** What a program was told, as JSON in its only argument. */
export interface Arguments {
  seconds: number;
  warmUp: number;
  batch: number;
  frame: number;
  /** Names of the ports to open. */
  a: string;
  b: string;
  mode: string;
  /** A file that appears when nothing more will be sent. */
  over: string;
}

export const args = JSON.parse(process.argv[2] ?? '{}') as Arguments;

/** Writes one line for the benchmark that started us. */
export function tell(type: string, values: object = {}): void {
  process.stdout.write(`${JSON.stringify({ type, ...values })}\n`);
}
