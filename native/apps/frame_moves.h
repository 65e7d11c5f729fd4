// Moves one frame from a ring to another: the slots of a chain of NS_MOREFRAG move together or not at all.
#pragma once

#include "ring_span.h"

namespace nm {

// The `n` slots of a frame change places with free ones of the target; both indices move on.
inline void swap_frame(const RingSpan& from, uint32_t& i, const RingSpan& to, uint32_t& j, uint32_t n,
                       uint64_t& bytes) {
  for (uint32_t k = 0; k < n; ++k, i = from.next(i), j = to.next(j)) {
    const netmap_slot received = from.read(i), free = to.read(j);
    from.write(i, {free.buf_idx, received.len, NS_BUF_CHANGED, free.ptr});
    to.write(j, {received.buf_idx, received.len, static_cast<uint16_t>(NS_BUF_CHANGED | (received.flags & NS_MOREFRAG)),
                 received.ptr});
    bytes += received.len;
  }
}

// A frame on its way into the slots of a target from `slot` on, `left` of them at most: piece by piece, because
// buffers there may be smaller than those that it comes from. Writes nothing where it only measures.
struct FrameCopy {
  const RingSpan& to;
  uint32_t slot;
  uint32_t left;
  uint32_t used = 0;
  uint64_t bytes = 0;
  uint32_t last = 0;  // slot written last

  // False when there are no slots left.
  bool put(Bytes piece, bool write);
  bool put_all(const RingSpan& from, uint32_t i, uint32_t n, bool write);
};

// Whether a frame can be copied into `left` slots from `j` on.
enum class Fit { kNow, kLater, kNever };
Fit fit(const RingSpan& from, uint32_t i, uint32_t n, const RingSpan& to, uint32_t j, uint32_t left);

}  // namespace nm
