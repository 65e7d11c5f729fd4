// A tx ring as a generator uses it: with memory of which frame each buffer holds.
#pragma once

#include <vector>

#include "ring.h"

namespace nm::traffic {

struct TxRing {
  Ring ring;
  uint32_t head = 0;
  // What was put into each slot last: its buffer and the frame. Of use only where buffers stay in their slots and
  // nobody else writes into them; on a pipe they travel.
  std::vector<uint64_t> held;
  bool keeps = false;

  bool bind(const Mapping& mapping, uint64_t offset, bool keeps_buffers) {
    if (!ring.bind(mapping, offset)) return false;
    keeps = keeps_buffers;
    held.assign(ring.size(), 0);
    return true;
  }
  uint32_t room() const { return ring.available(head); }
};

}  // namespace nm::traffic
