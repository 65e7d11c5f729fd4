/** What JavaScript is slow at, done natively for many packets at once. */

import { checkBytes, checkInteger, outOfRange, wrongType, wrongValue } from './check';
import { errno } from './errno';
import { closedError } from './errors';
import { native } from './native';
import { foldSum, sumBytes } from './packet';
import { nativeOf } from './port';
import { Ring } from './ring';
import { systemError } from './system-error';

/** How the native call packs its two results into one number. */
const USED = 2 ** 20;

/**
 * Moves whole frames from one ring to another, as many as there are and as fit: by exchanging buffers where both rings
 * use one memory region and the same offsets, by copying elsewhere. Advances both rings; the syncs are the caller's.
 *
 * @param from ring with packets, usually an rx ring
 * @param to ring with room, usually a tx ring of another port
 * @param max most slots to take from `from`
 * @param pass a byte for each slot from the head of `from` on: 0 at a frame's first slot drops the frame. So `Verdicts.pass` has it.
 * @returns slots taken from `from`
 * @throws NetmapError `EMSGSIZE` when the first frame can never fit into `to`
 */
export function forward(from: Ring, to: Ring, max = Infinity, pass?: Uint8Array): number {
  if (!(from instanceof Ring)) throw wrongType('from', 'a Ring', from);
  if (!(to instanceof Ring)) throw wrongType('to', 'a Ring', to);
  if (from === to) throw wrongValue('to', 'must be another ring', to.kind);
  if (typeof max !== 'number') throw wrongType('max', 'a number', max);
  if (!(max >= 0)) throw outOfRange('max', 'at least 0', max);
  const count = Math.min(from.available, Math.floor(max));
  if (pass !== undefined && checkBytes('pass', pass).length < count) {
    throw outOfRange('pass.length', `at least ${count}, the slots that are looked at`, pass.length);
  }
  const taken = move(from, to, count, from.port.canSwapWith(to.port), pass);
  if (taken < 0) throw forwardError(from, to, -taken);
  return taken;
}

/**
 * {@link forward} for those who have checked their arguments, with what apps want besides.
 *
 * @param count slots to take from `from`, at most those available
 * @param swap whether both rings use one memory region
 * @param verdicts a byte for each slot from the head of `from` on; that of a frame's first slot counts, 0 = drop it
 * @param counts is added to: frames moved, their bytes, frames dropped
 * @returns slots taken, or a negative errno: `EMSGSIZE`, as above
 * @internal
 */
export function move(
  from: Ring,
  to: Ring,
  count: number,
  swap: boolean,
  verdicts?: Uint8Array,
  counts?: Float64Array,
): number {
  const room = to.available;
  if (count === 0 || (room === 0 && verdicts === undefined)) return 0;
  const source = nativeOf.get(from.port);
  const target = nativeOf.get(to.port);
  if (!source || !target) throw closedError(from.port.name);
  const moved = source.forward(
    target,
    from.byteOffset,
    from.head,
    count,
    to.byteOffset,
    to.head,
    room,
    swap && from.offsetsAs(to),
    verdicts,
    counts,
  );
  if (moved < 0) return moved;
  const taken = moved % USED;
  from.advance(taken);
  to.advance((moved - taken) / USED);
  return taken;
}

function forwardError(from: Ring, to: Ring, number: number): Error {
  const hint =
    number === errno.EMSGSIZE
      ? `the frame needs more slots than '${to.port.name}' has: skip it with advance()`
      : undefined;
  return systemError(`forwarding to '${to.port.name}' from`, number, {
    port: from.port.name,
    device: from.port.device,
    call: 'forward',
    hint,
  });
}

/** Below this a loop is over before a native call has begun. */
const SHORT = 32;

/**
 * The internet checksum (RFC 1071) of bytes: ready to be stored in big-endian order into a header whose checksum field
 * was zero. Over a header with its checksum in place it is 0.
 *
 * @param data where the bytes are, for example `port.u8`
 * @param offset of the first byte
 * @param length number of bytes; an odd last one counts as if a zero followed
 * @param initial sum of 16-bit words to be added, for example of a pseudo header (not complemented)
 * @returns 16 bits
 */
export function checksum(
  data: Uint8Array,
  offset = 0,
  length = checkBytes('data', data).length - offset,
  initial = 0,
): number {
  checkBytes('data', data);
  checkInteger('offset', offset, 0, data.length);
  checkInteger('length', length, 0, data.length - offset);
  checkInteger('initial', initial, 0, 0xffffffff);
  if (length < SHORT) return ~foldSum(sumBytes(data, offset, length) + foldSum(initial)) & 0xffff;
  return ~native().checksum(data, offset, length, initial)! & 0xffff;
}
