#include "distribute.h"

#include <utility>

#include "../apps/frame_moves.h"
#include "flow_hash.h"

namespace nm::traffic {

// A frame of the source.
struct Dealer::Frame {
  const RingSpan& from;
  uint32_t first;
  uint32_t slots;
  netmap_slot start;  // the first slot, read once
};

namespace {

// Slots between a look at a frame's headers, which mostly lie in the cache of whoever sent them, and asking for them.
constexpr uint32_t kAhead = 16;

uint32_t free_from(const Outlet& outlet) {
  const uint32_t at = outlet.ring.head + outlet.used;
  return at < outlet.ring.num_slots ? at : at - outlet.ring.num_slots;
}

template <typename Frame>
Fit fits(const Frame& frame, const Outlet& outlet) {
  const uint32_t left = outlet.ring.count - outlet.used;
  if (outlet.swap) {
    if (frame.slots >= outlet.ring.num_slots) return Fit::kNever;
    return frame.slots <= left ? Fit::kNow : Fit::kLater;
  }
  return fit(frame.from, frame.first, frame.slots, outlet.ring, free_from(outlet), left);
}

template <typename Frame>
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

template <typename Frame>
void swap(const Frame& frame, Outlet* outlet) {
  uint32_t i = frame.first, j = free_from(*outlet);
  swap_frame(frame.from, i, outlet->ring, j, frame.slots, outlet->bytes);
  outlet->used += frame.slots;
  ++outlet->packets;
}

template <typename Frame>
uint64_t length_of(const Frame& frame) {
  uint64_t length = frame.start.len;
  for (uint32_t k = 1, i = frame.first; k < frame.slots; ++k) {
    i = frame.from.next(i);
    length += frame.from.read(i).len;
  }
  return length;
}

}  // namespace

Dealer::Dealer(std::vector<Outlet> outlets) : outlets_(std::move(outlets)) {
  for (uint32_t k = 0; k < outlets_.size(); ++k) {
    if (k == 0 || outlets_[k].group != outlets_[k - 1].group) groups_.push_back({k, 0});
    ++groups_.back().size;
  }
  choices_.reserve(groups_.size());
}

int32_t Dealer::give(const Frame& frame, uint32_t number, bool chosen) {
  if (groups_.size() != 1) return give_many(frame, number, chosen);
  return give_one(frame, chosen ? groups_[0].by_choice(number) : groups_[0].by_hash(number));
}

int32_t Dealer::give_one(const Frame& frame, uint32_t place) {
  Outlet* outlet = &outlets_[place];
  const Fit fit = fits(frame, *outlet);
  if (fit != Fit::kNow) {
    if (fit == Fit::kLater && outlet->block) return static_cast<int32_t>(place);
    ++outlet->dropped;
  } else if (outlet->swap) {
    swap(frame, outlet);
  } else {
    copy(frame, outlet);
  }
  return -1;
}

int32_t Dealer::give_many(const Frame& frame, uint32_t number, bool chosen) {
  Outlet* swapped = nullptr;
  choices_.clear();
  for (const Group& group : groups_) {
    const uint32_t place = chosen ? group.by_choice(number) : group.by_hash(number);
    Outlet* outlet = &outlets_[place];
    const Fit fit = fits(frame, *outlet);
    if (fit == Fit::kLater && outlet->block) return static_cast<int32_t>(place);
    choices_.push_back({outlet, fit == Fit::kNow});
    if (fit == Fit::kNow && outlet->swap) swapped = outlet;
  }
  // What has been given away cannot be copied any more: copies first.
  for (const Choice& choice : choices_) {
    if (!choice.fits)
      ++choice.outlet->dropped;
    else if (choice.outlet != swapped)
      copy(frame, choice.outlet);
  }
  if (swapped) swap(frame, swapped);
  return -1;
}

Dealt Dealer::deal(const RingSpan& from, uint64_t most, const uint32_t* choices) {
  Dealt dealt;
  uint32_t ahead = from.head;  // of what has been asked for
  for (uint32_t k = 0; k < kAhead && k < from.count; ++k, ahead = from.next(ahead)) from.prefetch(ahead);
  for (uint32_t i = from.head; dealt.taken < from.count && dealt.packets < most;) {
    const Frame frame = {from, i, from.frame_slots(i, from.count - dealt.taken), from.read(i)};
    if (frame.slots == 0) break;
    for (uint32_t k = 0; k < frame.slots; ++k, ahead = from.next(ahead)) from.prefetch(ahead);
    const uint64_t length = length_of(frame);
    if (choices && choices[dealt.taken] == kForNobody) {
      ++dealt.refused;
    } else {
      uint32_t number;
      if (choices) {
        number = choices[dealt.taken];
      } else {
        const Bytes bytes = from.bytes(frame.start);
        number = flow_hash(bytes.data, bytes.length);
      }
      dealt.blocked = give(frame, number, choices != nullptr);
      if (dealt.blocked >= 0) break;
    }
    ++dealt.packets;
    dealt.bytes += length;
    dealt.taken += frame.slots;
    for (uint32_t k = 0; k < frame.slots; ++k) i = from.next(i);
  }
  return dealt;
}

}  // namespace nm::traffic
