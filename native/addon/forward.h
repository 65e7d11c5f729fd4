// Moves frames from one ring to another: ring memory in, slot counts out. Publishes nothing: heads are JavaScript's.
#pragma once

#include <cstdint>

#include "../abi/memory.h"
#include "../device/mapping.h"

namespace nm {

// `count` slots from `head` of a ring that was found at an offset which came from JavaScript. What the ring says about
// itself lies in shared memory, so it is read once and kept here.
struct RingSpan {
  netmap_slot* slots = nullptr;
  uint8_t* buffers = nullptr;  // buffer 0
  uint32_t num_slots = 0;
  uint32_t buf_size = 0;
  uint32_t buf_total = 0;  // buffers that lie within the mapping
  uint64_t offset_mask = 0;
  uint32_t head = 0;
  uint32_t count = 0;

  bool find(const Mapping& mapping, double ring_offset, double first, double slot_count);
  uint32_t next(uint32_t i) const { return ++i == num_slots ? 0 : i; }
  bool has(uint32_t buffer) const { return buffer >= kFirstBuffer && buffer < buf_total; }
};

struct Forwarded {
  uint32_t taken = 0;  // slots of the source
  uint32_t used = 0;   // slots of the target
  int err = 0;         // only when nothing could be moved
};

// Whole frames only: a chain of NS_MOREFRAG slots moves together or not at all.
Forwarded forward_by_swap(const RingSpan& from, const RingSpan& to);
// EMSGSIZE: the first frame can never fit into the target.
Forwarded forward_by_copy(const RingSpan& from, const RingSpan& to);

}  // namespace nm
