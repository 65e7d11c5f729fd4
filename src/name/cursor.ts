import { errno } from '../errno';
import { NetmapError } from '../errors';

/** Columns of the name that an error message shows at most. */
const WINDOW = 100;

/** A reading position in a port name; every error of the parser is made here, so all of them look alike. */
export class Cursor {
  /** The whole name. */
  readonly text: string;
  /** Offset of the next character to be read. */
  position: number;
  /** Where reading ends. */
  readonly end: number;

  /** Reads `text` from `position` up to `end`; errors show all of it in any case. */
  constructor(text: string, position = 0, end = text.length) {
    this.text = text;
    this.position = position;
    this.end = end;
  }

  /** The character at the position; an empty string at the end. */
  get char(): string {
    return this.atEnd ? '' : this.text.charAt(this.position);
  }

  /** True when nothing is left. */
  get atEnd(): boolean {
    return this.position >= this.end;
  }

  /** Offset of the first of `stops` at or after `from`, or the end. */
  find(stops: string, from: number = this.position): number {
    let at = from;
    while (at < this.end && !stops.includes(this.text.charAt(at))) at++;
    return at;
  }

  /** Reads the decimal digits at the position (none: an empty string). */
  digits(): string {
    const start = this.position;
    while (isDigit(this.char)) this.position++;
    return this.text.slice(start, this.position);
  }

  /**
   * Makes the error for this name.
   *
   * @param expected What is wrong, or what was expected instead
   * @param position Offset that the caret points at; the present position by default
   * @param hint What to do about it
   */
  error(expected: string, position: number = this.position, hint?: string): NetmapError {
    const advice = hint === undefined ? '' : `; ${hint}`;
    const message = `bad port name: ${expected}${advice}\n${drawCaret(this.text, position)}`;
    return new NetmapError(message, {
      code: 'ERR_NETMAP_NAME',
      errno: errno.EINVAL,
      port: this.text,
      position,
      hint,
    });
  }
}

/** True for one of `0` to `9`. */
export function isDigit(char: string): boolean {
  return char >= '0' && char <= '9' && char.length === 1;
}

/**
 * The text with a caret under `position`. Long texts are shown in part; characters that would move the caret (control
 * characters) or that take two places are shown as `?`.
 */
function drawCaret(text: string, position: number): string {
  const start = Math.max(0, Math.min(position - WINDOW / 2, text.length - WINDOW));
  const end = Math.min(text.length, start + WINDOW);
  const shown = text.slice(start, end).replace(/[^\x20-\x7e]/g, '?');
  const before = start > 0 ? '...' : '';
  const after = end < text.length ? '...' : '';
  return `  ${before}${shown}${after}\n  ${' '.repeat(before.length + position - start)}^`;
}
