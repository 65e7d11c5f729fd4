#include "receiver.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "clock.h"

namespace nm::traffic {
namespace {

constexpr uint32_t kShown = 256;     // slots that are shown at a time
constexpr uint32_t kSlotsAhead = 6;  // slots whose buffers are fetched before they are looked at

}  // namespace

Receiver::Receiver(ReceiverSpec spec, std::vector<RxRing> rings)
    : spec_(std::move(spec)),
      rings_(std::move(rings)),
      match_(spec_.match),
      looks_(spec_.check || spec_.latency || spec_.protocols || spec_.flows > 0 || !match_.empty() || spec_.filter) {
  if (spec_.check) audit_ = std::make_unique<Audit>();
  if (spec_.latency) latency_ = std::make_unique<Histogram>();
  if (spec_.gaps) gap_ = std::make_unique<Histogram>();
  if (spec_.protocols) protocols_ = std::make_unique<Protocols>();
  if (spec_.flows > 0) flows_ = std::make_unique<Flows>(spec_.flows);
}

bool Receiver::look(Device& device, int64_t until, int64_t quiet, int* err) {
  release();
  int64_t since = 0;  // nothing has come since then
  for (uint32_t tries = 0;; ++tries) {
    *err = 0;
    if (done()) return false;
    if (sweep()) return true;
    *err = device.rxsync();
    if (*err != 0) return false;
    if (sweep()) return true;
    if (tries % 8 != 0) continue;  // a sync costs no more than a look at the clock
    const int64_t now = now_ns();
    if (since == 0) since = now;
    if (now >= until || now - since >= quiet) return false;
  }
}

int Receiver::run(Device& device, int64_t until, int64_t quiet) {
  int err;
  while (look(device, until, quiet, &err) && batch_.time < until) {
  }
  release();
  return err;
}

// Looks for a batch, ring after ring, and at the packets in it.
bool Receiver::sweep() {
  for (uint32_t n = 0; n < rings_.size(); ++n) {
    const uint32_t index = turn_;
    turn_ = turn_ + 1 < rings_.size() ? turn_ + 1 : 0;
    if (take(index)) return true;
  }
  return false;
}

bool Receiver::take(uint32_t index) {
  RxRing& ring = rings_[index];
  const uint32_t available = ring.ring.available(ring.head);
  if (available == 0) return false;
  batch_ = {index, ring.head, 0, 0, now_ns()};
  batch_bytes_ = 0;
  picked_.clear();
  if (looks_)
    inspect(ring, available);
  else if (!noting_)
    count_only(ring, available);
  else if (!note_only(ring, available))
    inspect(ring, available);
  if (batch_.frames == 0) {
    ring.ring.want_more();  // the rest of a frame has still to come: waiting must not end at once for what is here
    return false;
  }
  if (gap_) {
    if (counters_.packets > 0) gap_->add(batch_.time - counters_.last);
    gap_->add(0, batch_.frames - 1);
  }
  if (counters_.packets == 0) counters_.first = batch_.time;
  counters_.last = batch_.time;
  counters_.packets += batch_.frames;
  counters_.bytes += batch_bytes_;
  ++counters_.batches;
  least_room_ = std::min(least_room_, ring.ring.size() - available);
  return true;
}

void Receiver::release() {
  RxRing& ring = rings_[batch_.ring];
  uint32_t head = ring.head + batch_.slots;
  if (head >= ring.ring.size()) head -= ring.ring.size();
  ring.head = head;
  ring.ring.publish(head);
  batch_.slots = 0;
}

// Slots of the frame that begins in a slot; 0 when the rest of it has still to come. A chain that fills the ring and
// has no end would never be whole: all of it counts as one frame.
uint32_t Receiver::whole_frame(const RxRing& ring, uint32_t first, uint32_t available) {
  uint32_t i = first;
  for (uint32_t n = 1; n <= available; ++n, i = ring.ring.next(i)) {
    if (!(ring.ring.read(i).flags() & NS_MOREFRAG)) return n;
  }
  return available == ring.ring.size() - 1 ? available : 0;
}

void Receiver::count_only(const RxRing& ring, uint32_t available) {
  const uint64_t left = spec_.count - counters_.packets;
  uint32_t i = ring.head;
  // The usual case: a frame in each slot.
  const auto most = static_cast<uint32_t>(std::min<uint64_t>(available, left));
  uint64_t flags = 0, bytes = 0;
  for (uint32_t n = 0; n < most; ++n, i = ring.ring.next(i)) {
    const SlotRead slot = ring.ring.read(i);
    flags |= slot.word;
    bytes += slot.length();
  }
  if (!(SlotRead{flags}.flags() & NS_MOREFRAG)) {
    batch_.slots = batch_.frames = most;
    batch_bytes_ = bytes;
    return;
  }
  i = ring.head;
  while (batch_.frames < left && batch_.slots < available) {
    const uint32_t slots = whole_frame(ring, i, available - batch_.slots);
    if (slots == 0) break;
    for (uint32_t n = 0; n < slots; ++n, i = ring.ring.next(i)) batch_bytes_ += ring.ring.read(i).length();
    batch_.slots += slots;
    ++batch_.frames;
  }
}

void Receiver::note_picks(bool note) {
  noting_ = note;
  uint32_t most = 0;
  for (const RxRing& ring : rings_) most = std::max(most, ring.ring.size());
  if (note) picked_.reserve(most);
}

uint32_t Receiver::note(const RxRing& ring, uint32_t slot, SlotRead read) {
  uint32_t room = 0;
  const uint8_t* payload = ring.ring.payload(slot, read, &room);
  __builtin_prefetch(payload, 1);  // it is looked at soon, and lies in the cache of the sender's processor
  const uint64_t offset = payload ? ring.ring.place(payload) : 0;
  const uint32_t length = std::min(read.length(), room);
  picked_.push_back({static_cast<int32_t>(offset), static_cast<int32_t>(length), static_cast<int32_t>(slot)});
  return length;
}

// Notes frames without looking into them, a part of them at a time: so the sender goes on meanwhile, and what was
// fetched is still there when it is shown. False when there are frames over several slots.
bool Receiver::note_only(const RxRing& ring, uint32_t available) {
  const auto most = static_cast<uint32_t>(std::min<uint64_t>({available, kShown, spec_.count - counters_.packets}));
  uint32_t i = ring.head;
  uint64_t flags = 0, bytes = 0;
  for (uint32_t n = 0; n < most; ++n, i = ring.ring.next(i)) {
    const SlotRead slot = ring.ring.read(i);
    flags |= slot.word;
    bytes += note(ring, i, slot);
  }
  if (SlotRead{flags}.flags() & NS_MOREFRAG) {
    picked_.clear();
    return false;
  }
  batch_.slots = batch_.frames = most;
  batch_bytes_ = bytes;
  return true;
}

void Receiver::inspect(const RxRing& ring, uint32_t available) {
  const uint64_t left = spec_.count - counters_.packets;
  uint32_t i = ring.head, ahead = i;
  for (uint32_t k = 0; k < kSlotsAhead && k < available; ++k) {
    ring.ring.prefetch(ahead);
    ahead = ring.ring.next(ahead);
  }
  while (batch_.frames < left && batch_.slots < available) {
    if (batch_.slots + kSlotsAhead < available) ring.ring.prefetch(ahead);
    ahead = ring.ring.next(ahead);
    const SlotRead slot = ring.ring.read(i);
    uint32_t slots = 1, length = slot.length();
    uint8_t* bytes;
    const bool whole = !(slot.flags() & NS_MOREFRAG);
    if (!whole) {
      slots = whole_frame(ring, i, available - batch_.slots);
      if (slots == 0) break;
      bytes = gather(ring, i, slots, &length);
    } else {
      uint32_t room = 0;
      bytes = ring.ring.payload(i, slot, &room);
      length = std::min(length, room);
    }
    batch_bytes_ += length;
    group_[grouped_] = {bytes, bytes ? length : 0};
    group_slots_[grouped_++] = i;
    // Frames are looked at one by one, so that what has been fetched is used at once; a filter takes several. There is
    // room for the bytes of one gathered frame.
    if (!spec_.filter || !whole || grouped_ == kGroup) inspect_group(ring);
    for (uint32_t n = 0; n < slots; ++n) i = ring.ring.next(i);
    batch_.slots += slots;
    ++batch_.frames;
  }
  inspect_group(ring);
}

void Receiver::inspect_group(const RxRing& ring) {
  if (spec_.filter) spec_.filter->judge(group_, grouped_, batch_.time, group_pass_);
  for (uint32_t n = 0; n < grouped_; ++n) {
    if (spec_.filter && group_pass_[n] == 0) {
      ++counters_.unmatched;
      continue;
    }
    const uint64_t unmatched = counters_.unmatched;
    if (looks_) inspect_frame(group_[n].data, group_[n].length);
    if (noting_ && unmatched == counters_.unmatched) note(ring, group_slots_[n], ring.ring.read(group_slots_[n]));
  }
  grouped_ = 0;
}

void Receiver::inspect_frame(const uint8_t* bytes, uint32_t length) {
  // Whether it passes the filter was all that was asked.
  if (match_.empty() && !audit_ && !protocols_ && !flows_ && !latency_) return;
  Headers headers;
  headers.parse(bytes, length);
  if (!match_.empty() && !match_.holds(headers)) {
    ++counters_.unmatched;
    return;
  }
  const bool corrupt = audit_ && !audit_->add(headers);
  if (protocols_) protocols_->add(headers);
  if (flows_) flows_->add(headers);
  // In a damaged packet, the time may be what is damaged.
  if (latency_ && !corrupt) {
    Marker marker;
    if (marker.read(headers) && marker.time != 0) {
      const int64_t took = batch_.time - marker.time;
      if (took >= 0)
        latency_->add(took);
      else
        ++skewed_;
    }
  }
}

// The bytes of a frame over several slots, in one piece.
uint8_t* Receiver::gather(const RxRing& ring, uint32_t first, uint32_t slots, uint32_t* length) {
  scratch_.clear();
  uint32_t i = first;
  for (uint32_t n = 0; n < slots; ++n, i = ring.ring.next(i)) {
    const SlotRead slot = ring.ring.read(i);
    uint32_t room = 0;
    const uint8_t* bytes = ring.ring.payload(i, slot, &room);
    const uint32_t part = std::min(slot.length(), room);
    if (bytes != nullptr && part > 0) scratch_.insert(scratch_.end(), bytes, bytes + part);
  }
  *length = static_cast<uint32_t>(scratch_.size());
  return scratch_.data();
}

}  // namespace nm::traffic
