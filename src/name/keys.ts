import type { Cursor } from './cursor';

/** One `key=value` of an option; an empty value counts as not given. */
export interface KeyValue {
  /** The key with `-` for every `_`. */
  key: string;
  /** What stands behind the `=`; never empty. */
  value: string;
  /** Offset of the value in the whole name. */
  position: number;
}

/** How one `@option` is written. */
export interface OptionSyntax {
  /** The word behind `@`. */
  word: string;
  /** Known keys, written with `-`. */
  keys: readonly string[];
  /** The key that `@word=value` sets, if that form is allowed. */
  defaultKey?: string;
  /** The key that must be there. */
  required?: string;
}

/**
 * Reads the body of an option, from behind its word up to `end`: `=value` or `:key=value,key=value`.
 *
 * @returns The keys that have a value, in the order in which they were written.
 */
export function readBody(cursor: Cursor, syntax: OptionSyntax, end: number): KeyValue[] {
  const start = cursor.position;
  const form = start < end ? cursor.char : '';
  cursor.position = Math.min(start + 1, end);
  const values = form === ':' ? readKeys(cursor, syntax, end) : readDefault(cursor, syntax, form, end);
  if (syntax.required !== undefined && !values.some(({ key }) => key === syntax.required)) {
    throw cursor.error(`option '${syntax.word}' needs '${syntax.required}=...'`, end);
  }
  return values;
}

/** `@word=value`: the value is all the rest, commas included. */
function readDefault(cursor: Cursor, syntax: OptionSyntax, form: string, end: number): KeyValue[] {
  const { word, defaultKey } = syntax;
  if (form === '') throw cursor.error(`option '${word}' needs ${bodyForms(syntax)}`, end);
  if (defaultKey === undefined) throw cursor.error(`expected ${bodyForms(syntax)}`, cursor.position - 1);
  if (cursor.position === end) throw cursor.error(`option '${word}' needs a value`, end);
  return [{ key: defaultKey, value: cursor.text.slice(cursor.position, end), position: cursor.position }];
}

function bodyForms({ word, keys, defaultKey }: OptionSyntax): string {
  const long = `'@${word}:KEY=VALUE,...' with the keys ${keys.join(', ')}`;
  return defaultKey === undefined ? long : `'@${word}=VALUE' or ${long}`;
}

/** `@word:key=value,...`; nothing at all behind the colon is allowed. */
function readKeys(cursor: Cursor, syntax: OptionSyntax, end: number): KeyValue[] {
  const values: KeyValue[] = [];
  if (cursor.position === end) return values;
  for (;;) {
    const start = cursor.position;
    const keyEnd = Math.min(cursor.find('=,'), end);
    const written = cursor.text.slice(start, keyEnd);
    const key = written.replaceAll('_', '-');
    if (!syntax.keys.includes(key)) {
      throw cursor.error(
        `unknown key '${written}' of option '${syntax.word}', expected ${syntax.keys.join(', ')}`,
        start,
      );
    }
    if (values.some((earlier) => earlier.key === key)) {
      throw cursor.error(`key '${written}' was given before`, start);
    }
    if (keyEnd === end || cursor.text.charAt(keyEnd) === ',') {
      throw cursor.error(`expected '=' and a value behind '${written}'`, keyEnd);
    }
    const valueEnd = Math.min(cursor.find(',', keyEnd + 1), end);
    const value = cursor.text.slice(keyEnd + 1, valueEnd);
    if (value !== '') values.push({ key, value, position: keyEnd + 1 });
    cursor.position = valueEnd;
    if (valueEnd === end) return values;
    cursor.position++;
  }
}

/** The value as a whole number from 0 to `max`. */
export function toCount(cursor: Cursor, { key, value, position }: KeyValue, max: number): number {
  const wrong = value.search(/[^0-9]/);
  if (wrong >= 0) throw cursor.error(`expected a number for '${key}'`, position + wrong);
  const count = Number(value);
  if (count > max) throw cursor.error(`${value} is too high for '${key}', expected 0 to ${max}`, position);
  return count;
}
