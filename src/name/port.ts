import type { Cursor } from './cursor';

/** Bytes of a name that fit into a request (64 with the closing NUL). */
const MAX_NAME = 63;

const NETMAP = 'netmap';
const VALE = 'vale';

/** Characters that end the name and start the ring, flag and option part. */
const SEPARATORS = '-*^/@';

/** What a name that holds a separator can be opened with instead. */
export const STRUCTURED_HINT =
  "an interface name with - * ^ / @ in it can't be part of a port name, but open({ name: 'THE-NAME' }) takes it";

/** True for a possibly empty run of letters, digits and underscores. */
function isIdentifier(text: string): boolean {
  return /^[A-Za-z0-9_]*$/.test(text);
}

/**
 * Reads `netmap:NAME` or `valeID:PORT`, a pipe suffix included, and leaves the cursor behind it.
 *
 * What stands between the prefix and the next separator is taken literally, as libnetmap does since it gave up
 * checking names: blanks, dots and colons are fine. Two names that libnetmap lets pass, but that no device can open,
 * are refused here already: a pipe without an id (`netmap:eth0{-1`) and a pipe without a port (`netmap:{x`).
 *
 * @returns The name as the device wants it: without `netmap:`, but with `valeID:`.
 */
export function readPort(cursor: Cursor): string {
  const start = cursor.position;
  const prefixed = readPrefix(cursor);
  const nameStart = cursor.position;
  const nameEnd = cursor.find(SEPARATORS);
  readPipe(cursor, prefixed, nameStart, nameEnd);

  const registeredStart = prefixed === VALE ? start : nameStart;
  const registered = cursor.text.slice(registeredStart, nameEnd);
  if (registered === '') {
    throw cursor.error("expected a port name behind 'netmap:'", nameStart, 'for example netmap:eth0');
  }
  const length = Buffer.byteLength(registered);
  if (length > MAX_NAME) {
    throw cursor.error(`the name is too long: ${length} bytes, at most ${MAX_NAME} are possible`, registeredStart);
  }
  cursor.position = nameEnd;
  return registered;
}

/** Reads up to and including the colon; returns which of the two prefixes it was. */
function readPrefix(cursor: Cursor): string {
  const start = cursor.position;
  const { text } = cursor;
  const prefix = [NETMAP, VALE].find((candidate) => text.startsWith(candidate, start));
  if (prefix === undefined) {
    throw cursor.error("expected 'netmap:NAME' or 'valeX:PORT'", start, suggestion(text.slice(start, cursor.end)));
  }
  const idStart = start + prefix.length;
  const colon = text.indexOf(':', idStart);
  if (colon < 0 || colon >= cursor.end) {
    const hint = prefix === VALE ? `a port of a switch has a name of its own, as in ${VALE}0:a` : undefined;
    throw cursor.error(
      `expected a ':' behind '${text.slice(start, cursor.find(SEPARATORS, start))}'`,
      cursor.end,
      hint,
    );
  }
  const id = text.slice(idStart, colon);
  if (prefix === NETMAP && id !== '') {
    throw cursor.error(`expected a ':' directly behind '${NETMAP}'`, idStart);
  }
  if (!isIdentifier(id)) {
    const wrong = idStart + id.search(/[^A-Za-z0-9_]/);
    throw cursor.error('a switch name has only letters, digits and underscores', wrong);
  }
  cursor.position = colon + 1;
  return prefix;
}

/** Checks the pipe suffix, if there is one, between the two offsets. */
function readPipe(cursor: Cursor, prefix: string, nameStart: number, nameEnd: number): void {
  const brace = cursor.find('{}', nameStart);
  if (brace >= nameEnd) return;
  if (brace + 1 === nameEnd) {
    throw cursor.error(`expected the name of the pipe behind '${cursor.text.charAt(brace)}'`, nameEnd);
  }
  const id = cursor.text.slice(brace + 1, nameEnd);
  if (!isIdentifier(id)) {
    const wrong = brace + 1 + id.search(/[^A-Za-z0-9_]/);
    throw cursor.error('a pipe name has only letters, digits and underscores', wrong);
  }
  if (brace === nameStart && prefix === NETMAP) {
    throw cursor.error('expected the name of a port before the pipe', brace, 'for example netmap:p{1');
  }
}

/** A likely cure for a missing prefix. */
function suggestion(text: string): string {
  if (text === '') return 'the name is empty';
  if (text === 'null') return 'a null port is called null:';
  if (/^[A-Za-z0-9_.]+$/.test(text)) return `for the interface of that name: netmap:${text}`;
  return 'for example netmap:eth0, vale0:a, netmap:p{1 or null:';
}
