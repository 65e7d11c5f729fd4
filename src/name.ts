import { checkString } from './check';
import { Cursor } from './name/cursor';
import { readOptions } from './name/options';
import type { ParsedName } from './name/parsed';
import { readPort } from './name/port';
import { noFlags, readMemId, readRegister } from './name/register';

export type { NameConf, NameExtmem, NameFlags, NameOffset, ParsedName, PortMode } from './name/parsed';

/** The prefix of null ports, which libnetmap can't name. */
const NULL_PREFIX = 'null:';

/** The region of a null port that names no other: it always exists, and a null port can't bring one of its own. */
const NULL_MEM_ID = 1;

/**
 * Takes a port name apart. The grammar is libnetmap's, with `null:` added:
 *
 * ```
 * portspec = port [ mode ] [ memid ] [ "/" flags ] [ memid ] { "@" option }
 * port     = "netmap:" name | "vale" [ id ] ":" name | "null:"
 * name     = anything up to the first of - * ^ / @, at most 63 bytes; a pipe end is name{id or name}id
 * mode     = "-" N (one ring) | "*" (all and host rings) | "^" (host rings) | "^" N (one host ring)
 * flags    = one or more of  x (exclusive)  z t r (monitors)  R T (receive or transmit only)
 * memid    = "@" N
 * option   = "share=" port | "conf:" key "=" N { "," key "=" N } | "extmem=" file | "offset=" N | ...
 * ```
 *
 * A null port takes a memory id and options, but neither mode nor flags.
 *
 * @param text The name, for example `netmap:eth0-2/x`, `vale0:a`, `netmap:p{1@conf:slots=512`, `null:`
 * @throws NetmapError with code `ERR_NETMAP_NAME` and errno EINVAL; `position` is the 0-based offset of the offence,
 *   and the message shows it with a caret
 * @throws TypeError (`ERR_INVALID_ARG_TYPE`) when `text` is no string
 */
export function parsePortName(text: string): ParsedName {
  const cursor = new Cursor(checkString('text', text));
  const nul = text.indexOf('\0');
  if (nul >= 0) throw cursor.error('a name has no NUL character', nul);
  const parsed = text.startsWith(NULL_PREFIX) ? readNull(cursor) : readNamed(cursor);
  readOptions(cursor, parsed);
  if (parsed.mode === 'null' && parsed.memId === 0 && parsed.share === undefined) parsed.memId = NULL_MEM_ID;
  return parsed;
}

function readNamed(cursor: Cursor): ParsedName {
  const name = readPort(cursor);
  return { name, ...readRegister(cursor), conf: {} };
}

function readNull(cursor: Cursor): ParsedName {
  const parsed: ParsedName = { name: '', mode: 'null', ring: 0, flags: noFlags(), memId: 0, conf: {} };
  cursor.position = NULL_PREFIX.length;
  while (!cursor.atEnd) {
    if (cursor.char !== '@') throw cursor.error("expected '@' and a memory id or option, or the end");
    if (!readMemId(cursor, parsed)) break;
  }
  return parsed;
}
