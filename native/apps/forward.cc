#include "forward.h"

#include <cerrno>

#include "frame_moves.h"

namespace nm {

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
      ++moved.refused;
    } else {
      const uint32_t left = to.count - moved.used;
      const Fit fits = fit(from, i, n, to, j, left);
      if (fits != Fit::kNow) {
        if (moved.taken == 0 && fits == Fit::kNever) moved.err = EMSGSIZE;
        break;
      }
      FrameCopy copy{to, j, left};
      if (!copy.put_all(from, i, n, true)) break;
      j = copy.slot;
      moved.used += copy.used;
      moved.bytes += copy.bytes;
      ++moved.frames;
    }
    for (uint32_t k = 0; k < n; ++k) i = from.next(i);
    moved.taken += n;
  }
  return moved;
}

}  // namespace nm
