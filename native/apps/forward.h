// Moves frames from one ring to another: ring memory in, slot counts out. Publishes nothing: heads are JavaScript's.
#pragma once

#include "ring_span.h"

namespace nm {

struct Forwarded {
  uint32_t taken = 0;    // slots of the source
  uint32_t used = 0;     // slots of the target
  uint32_t frames = 0;   // that were moved
  uint32_t refused = 0;  // frames with a verdict of 0: taken, but not moved
  uint64_t bytes = 0;    // of the frames that were moved
  int err = 0;           // only when nothing could be moved
};

// Whole frames only: a chain of NS_MOREFRAG slots moves together or not at all. `verdicts`, where there are any, has a
// byte for each slot of the source from its head on; that of a frame's first slot counts, and 0 means: not this one.
Forwarded forward_by_swap(const RingSpan& from, const RingSpan& to, const uint8_t* verdicts = nullptr);
// EMSGSIZE: the first frame can never fit into the target.
Forwarded forward_by_copy(const RingSpan& from, const RingSpan& to, const uint8_t* verdicts = nullptr);

}  // namespace nm
