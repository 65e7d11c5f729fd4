import { isDigit, type Cursor } from './cursor';
import type { NameFlags, PortMode } from './parsed';
import { STRUCTURED_HINT } from './port';

/** One more than the highest ring number that a request can carry. */
const RING_LIMIT = 4095;

/** What the part between the name and the options says. */
export interface RegisterPart {
  mode: PortMode;
  ring: number;
  flags: NameFlags;
  memId: number;
}

/** Flag letters, in the order in which messages name them. */
const FLAG_LETTERS: Record<string, keyof NameFlags> = {
  x: 'exclusive',
  z: 'zeroCopyMonitor',
  t: 'monitorTx',
  r: 'monitorRx',
  R: 'rxOnly',
  T: 'txOnly',
};

/** Flags that are all off. */
export function noFlags(): NameFlags {
  return {
    exclusive: false,
    zeroCopyMonitor: false,
    monitorTx: false,
    monitorRx: false,
    rxOnly: false,
    txOnly: false,
  };
}

/**
 * Reads mode, flags and memory id, and leaves the cursor at the `@` of the first option or at the end.
 *
 * As in libnetmap a memory id may stand before the flags, behind them or on both sides, and may be repeated as long as
 * it stays the same; a mode can only come first.
 */
export function readRegister(cursor: Cursor): RegisterPart {
  const part: RegisterPart = { mode: 'all', ring: 0, flags: noFlags(), memId: 0 };
  readMode(cursor, part);
  while (!cursor.atEnd) {
    if (cursor.char === '@') {
      if (!readMemId(cursor, part)) break;
    } else if (cursor.char === '/') {
      cursor.position++;
      readFlags(cursor, part.flags);
    } else {
      throw cursor.error(
        "expected '/' and flags, '@' and a memory id or option, or the end",
        cursor.position,
        STRUCTURED_HINT,
      );
    }
  }
  return part;
}

/** Reads `-N`, `*`, `^` or `^N`. */
function readMode(cursor: Cursor, part: RegisterPart): void {
  switch (cursor.char) {
    case '-':
      cursor.position++;
      part.mode = 'ring';
      part.ring = readRing(cursor);
      break;
    case '*':
      cursor.position++;
      part.mode = 'all+host';
      break;
    case '^':
      cursor.position++;
      part.mode = 'host';
      if (isDigit(cursor.char)) {
        part.mode = 'host-ring';
        part.ring = readRing(cursor);
      }
      break;
  }
}

function readRing(cursor: Cursor): number {
  const start = cursor.position;
  const digits = cursor.digits();
  if (digits === '') {
    throw cursor.error(`expected a ring number from 0 to ${RING_LIMIT - 1}`, start, STRUCTURED_HINT);
  }
  const ring = Number(digits);
  if (ring >= RING_LIMIT) {
    throw cursor.error(`ring ${digits} is too high, expected 0 to ${RING_LIMIT - 1}`, start);
  }
  return ring;
}

/** Reads flag letters up to the end or to an `@`. Only the end makes a lone `/` wrong, as in libnetmap. */
function readFlags(cursor: Cursor, flags: NameFlags): void {
  const expected = `expected flags, one or more of ${Object.keys(FLAG_LETTERS).join(' ')}`;
  if (cursor.atEnd) throw cursor.error(expected, cursor.position, STRUCTURED_HINT);
  while (!cursor.atEnd && cursor.char !== '@') {
    if (!Object.hasOwn(FLAG_LETTERS, cursor.char)) throw cursor.error(expected, cursor.position, STRUCTURED_HINT);
    flags[FLAG_LETTERS[cursor.char]] = true;
    cursor.position++;
  }
}

/** Reads `@N`; returns false, with the cursor still at the `@`, when an option follows instead. */
export function readMemId(cursor: Cursor, part: { memId: number }): boolean {
  const start = cursor.position + 1;
  if (start >= cursor.end) {
    throw cursor.error("expected a memory id or an option behind '@'", start);
  }
  if (!isDigit(cursor.text.charAt(start))) return false;
  cursor.position = start;
  const id = Number(cursor.digits());
  if (id === 0) throw cursor.error('a memory id starts at 1', start);
  // The first id is cut to the 16 bits of the request, a repeated one is compared as written: what libnetmap does.
  if (part.memId !== 0 && part.memId !== id) {
    throw cursor.error(`memory id ${id} contradicts the earlier ${part.memId}`, start);
  }
  part.memId = Number.isSafeInteger(id) ? id % 0x10000 : 0xffff;
  return true;
}
