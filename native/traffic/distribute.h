// Deals the frames of a ring out to several others, flow by flow.
#pragma once

#include <cstdint>
#include <vector>

#include "../apps/ring_span.h"

namespace nm::traffic {

// A ring that frames go to: its `head` and `count` say which slots are free.
struct Outlet {
  RingSpan ring;
  bool swap = false;   // buffers may change places with those of the source
  bool block = false;  // whether everybody waits for it when it is full; otherwise it misses the frame
  uint32_t group = 0;  // of each group one outlet gets a frame; outlets of a group stand together
  uint32_t used = 0;   // slots filled by this call, and the rest as well
  uint64_t packets = 0;
  uint64_t bytes = 0;
  uint64_t dropped = 0;
};

struct Dealt {
  uint32_t taken = 0;    // slots of the source
  uint64_t packets = 0;  // in them
  uint64_t bytes = 0;
  uint64_t refused = 0;  // that were for nobody
  int32_t blocked = -1;  // the outlet that has to have room before it can go on
};

constexpr uint32_t kForNobody = UINT32_MAX;

// Whole frames only, `most` at most. `choices`, where there are any, has a number for each slot of the source: that of
// a frame's first slot says which outlet of each group gets it (modulo their number); kForNobody: none. Without, the
// flow says so. Publishes nothing.
Dealt deal(const RingSpan& from, uint64_t most, std::vector<Outlet>* outlets, const uint32_t* choices);

}  // namespace nm::traffic
