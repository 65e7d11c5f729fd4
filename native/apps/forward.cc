#include "forward.h"

#include <cerrno>
#include <cstring>

namespace nm {
namespace {

// A frame on its way into the slots of a target from `first` on, `left` of them at most: piece by piece, because
// buffers there may be smaller than those that it comes from. Writes nothing where it only measures.
struct Copy {
  const RingSpan& to;
  uint32_t slot;
  uint32_t left;
  uint32_t used = 0;
  uint64_t bytes = 0;
  uint32_t last = 0;  // slot written last

  // False when there are no slots left.
  bool put(Bytes piece, bool write) {
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

  bool put_all(const RingSpan& from, uint32_t i, uint32_t n, bool write) {
    for (uint32_t k = 0; k < n; ++k, i = from.next(i)) {
      if (!put(from.bytes(from.read(i)), write)) return false;
    }
    if (write) to.slots[last].flags = 0;
    return true;
  }
};

// The usual case: a frame in one slot, and a slot that has room for it.
bool fits(uint32_t length, const RingSpan& to, uint32_t j, uint32_t left) {
  return left > 0 && length <= to.room(to.read(j)).length;
}

}  // namespace

void swap_frame(const RingSpan& from, uint32_t& i, const RingSpan& to, uint32_t& j, uint32_t n, uint64_t& bytes) {
  for (uint32_t k = 0; k < n; ++k, i = from.next(i), j = to.next(j)) {
    netmap_slot& source = from.slots[i];
    netmap_slot& target = to.slots[j];
    const netmap_slot received = from.read(i);
    source.buf_idx = target.buf_idx;
    source.ptr = target.ptr;
    source.flags = NS_BUF_CHANGED;
    target.buf_idx = received.buf_idx;
    target.len = received.len;
    target.ptr = received.ptr;
    target.flags = static_cast<uint16_t>(NS_BUF_CHANGED | (received.flags & NS_MOREFRAG));
    bytes += received.len;
  }
}

Forwarded forward_by_swap(const RingSpan& from, const RingSpan& to, const uint8_t* verdicts) {
  Forwarded moved;
  uint32_t i = from.head, j = to.head;
  while (moved.taken < from.count) {
    const uint32_t n = from.frame_slots(i, from.count - moved.taken);
    if (n == 0) break;
    if (verdicts && verdicts[moved.taken] == 0) {
      for (uint32_t k = 0; k < n; ++k) i = from.next(i);
      ++moved.refused;
    } else {
      if (n > to.count - moved.used) break;
      swap_frame(from, i, to, j, n, moved.bytes);
      moved.used += n;
      ++moved.frames;
    }
    moved.taken += n;
  }
  return moved;
}

Forwarded forward_by_copy(const RingSpan& from, const RingSpan& to, const uint8_t* verdicts) {
  Forwarded moved;
  uint32_t i = from.head, j = to.head;
  while (moved.taken < from.count) {
    const uint32_t n = from.frame_slots(i, from.count - moved.taken);
    if (n == 0) break;
    if (verdicts && verdicts[moved.taken] == 0) {
      for (uint32_t k = 0; k < n; ++k) i = from.next(i);
      ++moved.refused;
    } else {
      Copy copy{to, j, to.count - moved.used};
      if (n > 1 || !fits(from.read(i).len, to, j, copy.left)) {
        Copy plan{to, j, to.num_slots - 1};
        const bool possible = plan.put_all(from, i, n, false) && plan.used <= kMaxFrags;
        if (!possible || plan.used > copy.left) {
          if (moved.taken == 0 && !possible) moved.err = EMSGSIZE;
          break;
        }
      }
      if (!copy.put_all(from, i, n, true)) break;
      for (uint32_t k = 0; k < n; ++k) i = from.next(i);
      j = copy.slot;
      moved.used += copy.used;
      moved.bytes += copy.bytes;
      ++moved.frames;
    }
    moved.taken += n;
  }
  return moved;
}

}  // namespace nm
