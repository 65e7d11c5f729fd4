import { NetmapError, type NetmapErrorDetails } from '../../errors';
import type { PlainError } from './messages';

/** An error as plain data. Structured cloning would keep its message and lose its code. */
export function toPlain(error: unknown): PlainError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error), details: {} };
  const { name, message, stack } = error;
  const details = Object.fromEntries(Object.entries(error).filter(([, value]) => isPlain(value)));
  return { name, message, stack, details };
}

/** The error again, of the class that it had as far as it is one of ours or JavaScript's. */
export function fromPlain({ name, message, stack, details }: PlainError): Error {
  const error = make(name, message, details);
  if (stack !== undefined) error.stack = stack;
  return Object.assign(error, details);
}

function make(name: string, message: string, details: Record<string, unknown>): Error {
  if (name === 'NetmapError') return new NetmapError(message, details as unknown as NetmapErrorDetails);
  if (name === 'TypeError') return new TypeError(message);
  if (name === 'RangeError') return new RangeError(message);
  return new Error(message);
}

function isPlain(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
