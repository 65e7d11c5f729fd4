/** Checks of arguments: a message names the argument, what it may be, and what came instead. */

import { inspect } from 'node:util';

type Coded<E extends Error> = E & { code: string };

function coded<E extends Error>(error: E, code: string): Coded<E> {
  return Object.assign(error, { code });
}

function show(value: unknown): string {
  const text = inspect(value, { depth: 0, breakLength: Infinity });
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}

/** TypeError with code `ERR_INVALID_ARG_TYPE`. */
export function wrongType(argument: string, expected: string, value: unknown): TypeError {
  return coded(new TypeError(`"${argument}" must be ${expected}, received ${show(value)}`), 'ERR_INVALID_ARG_TYPE');
}

/** TypeError with code `ERR_INVALID_ARG_VALUE`: the type is right, the value makes no sense. */
export function wrongValue(argument: string, problem: string, value: unknown): TypeError {
  return coded(new TypeError(`"${argument}" ${problem}, received ${show(value)}`), 'ERR_INVALID_ARG_VALUE');
}

/** RangeError with code `ERR_OUT_OF_RANGE`. */
export function outOfRange(argument: string, expected: string, value: unknown): RangeError {
  return coded(new RangeError(`"${argument}" must be ${expected}, received ${show(value)}`), 'ERR_OUT_OF_RANGE');
}

/** An integer between bounds, both included. */
export function checkInteger(argument: string, value: unknown, least: number, most: number): number {
  if (typeof value !== 'number') throw wrongType(argument, 'a number', value);
  if (!Number.isInteger(value) || value < least || value > most) {
    throw outOfRange(argument, `an integer from ${least} to ${most}`, value);
  }
  return value;
}

export function checkBoolean(argument: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw wrongType(argument, 'a boolean', value);
  return value;
}

export function checkString(argument: string, value: unknown): string {
  if (typeof value !== 'string') throw wrongType(argument, 'a string', value);
  return value;
}

export function checkBytes(argument: string, value: unknown): Uint8Array {
  if (!(value instanceof Uint8Array)) throw wrongType(argument, 'a Uint8Array', value);
  return value;
}

/** An object with none but known keys. */
export function checkObject(argument: string, value: unknown, known: readonly string[]): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw wrongType(argument, 'an object', value);
  }
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) throw wrongValue(argument, `knows ${known.join(', ')} but not "${key}"`, value);
  }
  return value as Record<string, unknown>;
}

/** Milliseconds: a number from 0, `Infinity` included. */
export function checkTimeout(argument: string, value: unknown): number {
  if (typeof value !== 'number') throw wrongType(argument, 'a number', value);
  if (!(value >= 0)) throw outOfRange(argument, 'at least 0', value);
  return value;
}

export function checkSignal(argument: string, value: unknown): AbortSignal {
  if (!(value instanceof AbortSignal)) throw wrongType(argument, 'an AbortSignal', value);
  return value;
}
