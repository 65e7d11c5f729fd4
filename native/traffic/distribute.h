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

class Dealer {
 public:
  Dealer() = default;
  explicit Dealer(std::vector<Outlet> outlets);

  // Their rings' `head` and `count` are the caller's to set before each call, and what they counted to clear.
  std::vector<Outlet>& outlets() { return outlets_; }

  // Whole frames only, `most` at most. `choices`, where there are any, has a number for each slot of the source: that
  // of a frame's first slot says which outlet of each group gets it (modulo their number); kForNobody: none. Without,
  // the flow says so. Publishes nothing.
  Dealt deal(const RingSpan& from, uint64_t most, const uint32_t* choices);

 private:
  struct Frame;
  // Outlets that stand together.
  struct Group {
    uint32_t begin;
    uint32_t size;

    uint32_t by_choice(uint32_t number) const { return begin + number % size; }
    uint32_t by_hash(uint32_t hash) const { return begin + static_cast<uint32_t>(uint64_t{hash} * size >> 32); }
  };
  // The outlet of one group that gets a frame, or should.
  struct Choice {
    Outlet* outlet;
    bool fits;
  };

  // The outlet that nobody may go on without, -1: the frame has been given out.
  int32_t give(const Frame& frame, uint32_t number, bool chosen);
  int32_t give_one(const Frame& frame, uint32_t place);
  int32_t give_many(const Frame& frame, uint32_t number, bool chosen);

  std::vector<Outlet> outlets_;
  std::vector<Group> groups_;
  std::vector<Choice> choices_;  // of a frame
};

}  // namespace nm::traffic
