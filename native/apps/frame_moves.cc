#include "frame_moves.h"

#include <cstring>

namespace nm {

bool FrameCopy::put(Bytes piece, bool write) {
  do {
    if (used == left) return false;
    const Bytes room = to.room(to.read(slot));  // a slot without a buffer gets nothing
    const uint32_t length = piece.length < room.length ? piece.length : room.length;
    if (write) {
      if (length > 0) std::memcpy(room.data, piece.data, length);
      to.slots[slot].len = static_cast<uint16_t>(length);
      to.slots[slot].flags = NS_MOREFRAG;
    }
    piece.data += length;
    piece.length -= length;
    bytes += length;
    last = slot;
    slot = to.next(slot);
    ++used;
  } while (piece.length > 0);
  return true;
}

bool FrameCopy::put_all(const RingSpan& from, uint32_t i, uint32_t n, bool write) {
  for (uint32_t k = 0; k < n; ++k, i = from.next(i)) {
    if (!put(from.bytes(from.read(i)), write)) return false;
  }
  if (write) to.slots[last].flags = 0;
  return true;
}

Fit fit(const RingSpan& from, uint32_t i, uint32_t n, const RingSpan& to, uint32_t j, uint32_t left) {
  // The usual case: a frame in one slot, and a slot that has room for it.
  if (n == 1 && left > 0 && from.read(i).len <= to.room(to.read(j)).length) return Fit::kNow;
  FrameCopy plan{to, j, to.num_slots - 1};
  if (!plan.put_all(from, i, n, false) || plan.used > kMaxFrags) return Fit::kNever;
  return plan.used <= left ? Fit::kNow : Fit::kLater;
}

}  // namespace nm
