import { checkInteger, outOfRange, wrongType, wrongValue } from '../../check';
import { read16, read32, write16, write32 } from '../view/bytes';
import { copyOf } from './codec';
import type { TcpOption } from './types';

const KIND = { END: 0, NOP: 1, MSS: 2, WINDOW_SCALE: 3, SACK_PERMITTED: 4, SACK: 5, TIMESTAMPS: 8 } as const;

/** Most bytes of options: a header has 60 at most. */
const MOST = 40;

/**
 * Reads the options of a TCP header (RFC 9293, section 3.1; RFC 7323; RFC 2018).
 *
 * @param bytes memory
 * @param offset of the first option
 * @param end of the header
 */
export function parseTcpOptions(bytes: Uint8Array, offset: number, end: number): TcpOption[] {
  const options: TcpOption[] = [];
  for (let at = offset; at < end;) {
    const kind = bytes[at];
    if (kind === KIND.NOP) {
      options.push({ option: 'nop' });
      at++;
      continue;
    }
    const length = at + 1 < end ? bytes[at + 1] : 0;
    if (kind === KIND.END || length < 2 || at + length > end) {
      // The end, or an option that leaves the header: the rest is kept as it is.
      options.push({ option: 'end', data: copyOf(bytes, at, end) });
      break;
    }
    options.push(readOption(bytes, at, kind, length));
    at += length;
  }
  return options;
}

function readOption(bytes: Uint8Array, at: number, kind: number, length: number): TcpOption {
  if (kind === KIND.MSS && length === 4) return { option: 'mss', value: read16(bytes, at + 2) };
  if (kind === KIND.WINDOW_SCALE && length === 3) return { option: 'window-scale', shift: bytes[at + 2] };
  if (kind === KIND.SACK_PERMITTED && length === 2) return { option: 'sack-permitted' };
  if (kind === KIND.TIMESTAMPS && length === 10) {
    return { option: 'timestamps', value: read32(bytes, at + 2), echo: read32(bytes, at + 6) };
  }
  if (kind === KIND.SACK && length > 2 && (length - 2) % 8 === 0) {
    const blocks = Array.from({ length: (length - 2) / 8 }, (_, k): [number, number] => [
      read32(bytes, at + 2 + 8 * k),
      read32(bytes, at + 6 + 8 * k),
    ]);
    return { option: 'sack', blocks };
  }
  return { option: 'other', kind, data: copyOf(bytes, at + 2, at + length) };
}

/**
 * Writes options, padded with zeros to a multiple of 4 bytes.
 *
 * @throws RangeError when they are longer than 40 bytes
 */
export function writeTcpOptions(options: readonly TcpOption[]): Uint8Array {
  if (!Array.isArray(options)) throw wrongType('tcp options', 'an array', options);
  const parts = (options as TcpOption[]).flatMap((option) => [...writeOption(option)]);
  const length = (parts.length + 3) & ~3;
  if (length > MOST) throw outOfRange('tcp options', `at most ${MOST} bytes`, parts.length);
  const bytes = new Uint8Array(length);
  bytes.set(parts);
  return bytes;
}

function writeOption(option: TcpOption): Uint8Array | number[] {
  if (typeof option !== 'object' || option === null) throw wrongType('tcp option', 'an object', option);
  switch (option.option) {
    case 'nop':
      return [KIND.NOP];
    case 'end':
      return option.data ?? [KIND.END];
    case 'sack-permitted':
      return [KIND.SACK_PERMITTED, 2];
    case 'window-scale':
      return [KIND.WINDOW_SCALE, 3, checkInteger('shift', option.shift, 0, 255)];
    case 'mss': {
      const bytes = Uint8Array.of(KIND.MSS, 4, 0, 0);
      write16(bytes, 2, checkInteger('mss', option.value, 0, 0xffff));
      return bytes;
    }
    case 'timestamps': {
      const bytes = new Uint8Array(10);
      bytes.set([KIND.TIMESTAMPS, 10]);
      write32(bytes, 2, option.value);
      write32(bytes, 6, option.echo);
      return bytes;
    }
    case 'sack': {
      const bytes = new Uint8Array(2 + 8 * option.blocks.length);
      bytes.set([KIND.SACK, bytes.length]);
      option.blocks.forEach(([from, to], k) => {
        write32(bytes, 2 + 8 * k, from);
        write32(bytes, 6 + 8 * k, to);
      });
      return bytes;
    }
    case 'other':
      return [checkInteger('kind', option.kind, 0, 255), option.data.length + 2, ...option.data];
    default:
      throw wrongValue('option', 'is no option of TCP', option);
  }
}
