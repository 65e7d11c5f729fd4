#include "distribute.h"

#include "../apps/frame_moves.h"
#include "flow_hash.h"

namespace nm::traffic {
namespace {

// The outlet of one group that gets a frame, or should.
struct Choice {
  Outlet* outlet;
  bool fits;
};

// A frame of the source.
struct Frame {
  const RingSpan& from;
  uint32_t first;
  uint32_t slots;
};

uint32_t free_from(const Outlet& outlet) {
  const uint32_t at = outlet.ring.head + outlet.used;
  return at < outlet.ring.num_slots ? at : at - outlet.ring.num_slots;
}

Fit fits(const Frame& frame, const Outlet& outlet) {
  const uint32_t left = outlet.ring.count - outlet.used;
  if (outlet.swap) {
    if (frame.slots >= outlet.ring.num_slots) return Fit::kNever;
    return frame.slots <= left ? Fit::kNow : Fit::kLater;
  }
  return fit(frame.from, frame.first, frame.slots, outlet.ring, free_from(outlet), left);
}

void copy(const Frame& frame, Outlet* outlet) {
  FrameCopy copy{outlet->ring, free_from(*outlet), outlet->ring.count - outlet->used};
  // It fitted a moment ago, but others may write into the source.
  if (!copy.put_all(frame.from, frame.first, frame.slots, true)) {
    ++outlet->dropped;
    return;
  }
  outlet->used += copy.used;
  outlet->bytes += copy.bytes;
  ++outlet->packets;
}

void swap(const Frame& frame, Outlet* outlet) {
  uint32_t i = frame.first, j = free_from(*outlet);
  swap_frame(frame.from, i, outlet->ring, j, frame.slots, outlet->bytes);
  outlet->used += frame.slots;
  ++outlet->packets;
}

uint64_t length_of(const Frame& frame) {
  uint64_t length = 0;
  for (uint32_t k = 0, i = frame.first; k < frame.slots; ++k, i = frame.from.next(i)) length += frame.from.read(i).len;
  return length;
}

}  // namespace

Dealt deal(const RingSpan& from, uint64_t most, std::vector<Outlet>* outlets, const uint32_t* choices) {
  Dealt dealt;
  std::vector<Choice> chosen;
  uint32_t i = from.head;
  while (dealt.taken < from.count && dealt.packets < most) {
    const Frame frame = {from, i, from.frame_slots(i, from.count - dealt.taken)};
    if (frame.slots == 0) break;
    const uint64_t length = length_of(frame);
    if (choices && choices[dealt.taken] == kForNobody) {
      ++dealt.refused;
    } else {
      const Bytes bytes = from.bytes(from.read(i));
      const uint32_t number = choices ? choices[dealt.taken] : flow_hash(bytes.data, bytes.length);
      Outlet* swapped = nullptr;
      chosen.clear();
      for (size_t begin = 0, end = 0; begin < outlets->size(); begin = end) {
        uint64_t size = 1;
        while (begin + size < outlets->size() && (*outlets)[begin + size].group == (*outlets)[begin].group) ++size;
        end = begin + size;
        const size_t place = begin + (choices ? number % size : number * size >> 32);
        Outlet* outlet = &(*outlets)[place];
        const Fit fit = fits(frame, *outlet);
        if (fit == Fit::kLater && outlet->block) {
          dealt.blocked = static_cast<int32_t>(place);
          return dealt;
        }
        chosen.push_back({outlet, fit == Fit::kNow});
        if (fit == Fit::kNow && outlet->swap) swapped = outlet;
      }
      // What has been given away cannot be copied any more: copies first.
      for (const Choice& choice : chosen) {
        if (!choice.fits)
          ++choice.outlet->dropped;
        else if (choice.outlet != swapped)
          copy(frame, choice.outlet);
      }
      if (swapped) swap(frame, swapped);
    }
    ++dealt.packets;
    dealt.bytes += length;
    dealt.taken += frame.slots;
    for (uint32_t k = 0; k < frame.slots; ++k) i = from.next(i);
  }
  return dealt;
}

}  // namespace nm::traffic
