#include "lane.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "../apps/frame_moves.h"
#include "../apps/pack.h"
#include "../traffic/clock.h"

namespace nm::runner {
namespace {

constexpr uint32_t kBatch = 256;
constexpr uint32_t kAhead = 8;      // packets between a hint and their use
constexpr uint32_t kTogether = 64;  // packets that are copied in one go

}  // namespace

bool WireRing::bind(const Mapping& mapping, double offset, double first) {
  if (!span.find(mapping, offset) || !ring.bind(mapping, static_cast<uint64_t>(offset))) return false;
  // Both have read the ring's own words, which others may change between the two.
  if (span.num_slots != ring.size() || !(first >= 0 && first < ring.size())) return false;
  head = static_cast<uint32_t>(first);
  return true;
}

void WireRing::touch() const {
  constexpr uint32_t kPage = 4096;
  for (uint32_t i = 0; i < span.num_slots; ++i) {
    const Bytes room = span.room(span.read(i));
    for (uint32_t at = 0; at < room.length; at += kPage) (void)*static_cast<volatile uint8_t*>(room.data + at);
  }
}

Lane::Lane(LaneSpec spec) : spec_(std::move(spec)), frames_(kBatch), found_(kBatch), passes_(kBatch) {
  if (spec_.from_header != spec_.to_header) spec_.swap = false;
}

// The frames at the front of a ring; the slots that they take.
uint32_t Lane::collect(WireRing* ring, uint32_t available) {
  const RingSpan& span = ring->span;
  size_t frames = 0, gathered = 0;
  uint32_t taken = 0;
  frames_.clear();
  found_.clear();
  whole_.clear();
  for (uint32_t slot = ring->head; taken < available && frames < kBatch; ++frames) {
    const uint32_t n = span.frame_slots(slot, available - taken);
    if (n == 0) break;
    const Bytes first = span.bytes(span.read(slot));
    if (first.data) __builtin_prefetch(first.data);
    // Field by field: the processor waits for what is put together elsewhere in parts, and then copied as a whole.
    Found& found = found_.emplace_back();
    found.slot = slot;
    found.slots = n;
    classifier::Frame& frame = frames_.emplace_back();
    frame.data = first.data;
    frame.present = frame.length = first.length;
    if (n > 1) {
      const size_t begin = whole_.size();
      for (uint32_t k = 0, at = slot; k < n; ++k, at = span.next(at)) {
        const Bytes piece = span.bytes(span.read(at));
        if (piece.data) whole_.insert(whole_.end(), piece.data, piece.data + piece.length);
      }
      const auto length = static_cast<uint32_t>(whole_.size() - begin);
      frame = {nullptr, length, length};
      ++gathered;
    }
    for (uint32_t k = 0; k < n; ++k) slot = span.next(slot);
    taken += n;
  }
  // Now that they stay where they are.
  for (size_t f = 0, at = 0; gathered > 0 && f < frames; ++f) {
    if (found_[f].slots < 2) continue;
    frames_[f].data = whole_.data() + at;
    at += frames_[f].length;
  }
  return taken;
}

// The batch without its virtio-net headers.
void Lane::unpack() {
  offload_.begin();
  unpacked_.clear();
  unpacked_from_.clear();
  for (size_t f = 0; f < frames_.size(); ++f) {
    const size_t before = unpacked_.size();
    if (!frames_[f].data || !offload_.unpack(frames_[f].data, frames_[f].length, spec_.from_header, &unpacked_)) {
      ++counts_.bad;
      continue;
    }
    const bool there = unpacked_[before].data == frames_[f].data + spec_.from_header;
    unpacked_from_.resize(unpacked_.size(), there ? found_[f] : Found{});
  }
  frames_.swap(unpacked_);
  found_.swap(unpacked_from_);
  if (passes_.size() < frames_.size()) passes_.resize(frames_.size());
}

int Lane::take(Box* box, Time now) {
  if (backlog_.count() > kBatch) return 0;
  const int err = spec_.from->rxsync();
  if (err != 0) return -err;
  uint32_t all = 0;
  for (size_t r = 0; r < spec_.rx.size(); ++r) {
    WireRing& ring = spec_.rx[r];
    const uint32_t available = ring.ring.available(ring.head);
    if (available == 0) continue;
    uint32_t taken = collect(&ring, available);
    if (taken == 0 && available == ring.ring.size() - 1) {  // a frame without an end: nothing would ever come behind it
      taken = available;
      ++counts_.bad;
    }
    if (spec_.from_header > 0) unpack();
    // A slot that names no buffer has nothing that could be sent.
    size_t good = 0;
    for (size_t f = 0; f < frames_.size(); ++f) {
      if (!frames_[f].data || frames_[f].length == 0) {
        ++counts_.bad;
        continue;
      }
      counts_.bytes += frames_[f].length;
      frames_[good] = frames_[f];
      found_[good++] = found_[f];
    }
    counts_.packets += good;
    box->put(frames_.data(), good, spec_.direction, static_cast<uint8_t>(r), now, passes_.data());
    WireRing* to = out(r);
    for (size_t f = 0; f < good; ++f) {
      if (passes_[f]) pass(box, ring, to, static_cast<uint8_t>(r), f);
    }
    ring.head = (ring.head + taken) % ring.ring.size();
    ring.ring.publish(ring.head);
    all += taken;
  }
  return static_cast<int>(all);
}

// A frame with nothing that holds it back.
void Lane::pass(Box* box, const WireRing& from, WireRing* to, uint8_t ring, size_t index) {
  const classifier::Frame& frame = frames_[index];
  const bool behind = waits();  // then it may not overtake
  if (!behind && found_[index].slots == 1 && spec_.swap && to->ring.available(to->head) > 0) {
    uint64_t bytes = 0;
    uint32_t slot = found_[index].slot;
    swap_frame(from.span, slot, to->span, to->head, 1, bytes);
    counts_.out_bytes += bytes - spec_.to_header;
    ++counts_.out_packets;
    dirty_ = true;
  } else if (behind || !write(to, frame.data, frame.length)) {
    emulator::Packet* packet = box->emulator().take(frame.length);
    if (!packet) {
      ++counts_.no_room;
      return;
    }
    std::memcpy(packet->data(), frame.data, frame.length);
    packet->flags = ring;
    send(box, packet, emulator::kNever);
  }
  ++counts_.straight;
}

bool Lane::write(WireRing* to, const uint8_t* data, uint32_t length) {
  const RingSpan& span = to->span;
  uint32_t room = to->ring.available(to->head);
  if (room == 0) return false;
  const Bytes first = span.room(span.read(to->head));
  uint32_t ahead = spec_.to_header;
  if (first.data && ahead + length <= first.length) {
    if (ahead > 0) std::memset(first.data, 0, ahead);  // nothing is left to do
    std::memcpy(first.data + ahead, data, length);
    to->ring.write(to->head, ahead + length, 0);
    to->head = to->ring.next(to->head);
  } else {
    // Several slots: written completely, or not at all. A header is never cut.
    if (ahead > 0 && ahead >= first.length) return false;
    uint32_t slots = 0, left = ahead + length;
    for (uint32_t at = to->head; left > 0; at = to->ring.next(at), ++slots) {
      if (slots == room || slots == kMaxFrags) return false;
      const uint32_t part = span.room(span.read(at)).length;
      left -= std::min(left, part);
    }
    for (left = length; left > 0;) {
      const Bytes part = span.room(span.read(to->head));
      const uint32_t n = std::min(left, part.length - std::min(ahead, part.length));
      if (n > 0) {
        if (ahead > 0) std::memset(part.data, 0, ahead);
        std::memcpy(part.data + ahead, data + (length - left), n);
      }
      left -= n;
      to->ring.write(to->head, ahead + n, left > 0 ? NS_MOREFRAG : 0);
      ahead = 0;
      to->head = to->ring.next(to->head);
      if (slots-- == 1) break;  // a peer has changed its slots meanwhile: the frame ends here
    }
  }
  counts_.out_bytes += length;
  ++counts_.out_packets;
  dirty_ = true;
  return true;
}

// `at`: when it was due, kNever for what has only come by.
void Lane::send(Box* box, emulator::Packet* packet, Time at) {
  // What needs more slots than there can be would wait for ever.
  const WireRing* to = out(packet->flags);
  const uint64_t most = uint64_t{std::min(to->ring.size() - 1, kMaxFrags)} * to->ring.buf_size();
  if (spec_.to_header + packet->length > most) {
    ++counts_.no_room;
    box->release(packet);
    return;
  }
  backlog_.push(packet, at);
  if (backlog_.count() >= kTogether && !full_) flush(box);
}

// Copies frames of one slot from the front of what waits: how many. Does nothing else, so that the processor can have
// many of these cache lines, which the other end has read meanwhile, on their way at a time.
size_t Lane::write_some(WireRing* to) {
  if (spec_.to_header > 0) return 0;  // write() puts it before them
  const RingSpan& span = to->span;
  const uint64_t most = std::min<uint64_t>({to->ring.available(to->head), backlog_.count(), kTogether});
  uint32_t head = to->head;
  uint64_t bytes = 0;
  size_t n = 0;
  for (; n < most; ++n) {
    backlog_.fetch(n + kAhead);
    const emulator::Packet* packet = backlog_[n];
    const Bytes room = span.room(span.read(head));
    if (out(packet->flags) != to || !room.data || packet->length > room.length) break;
    std::memcpy(room.data, packet->data(), packet->length);
    to->ring.write(head, packet->length, 0);
    bytes += packet->length;
    head = span.next(head);
  }
  to->head = head;
  counts_.out_bytes += bytes;
  counts_.out_packets += n;
  dirty_ = dirty_ || n > 0;
  return n;
}

void Lane::flush(Box* box) {
  full_ = false;
  while (waits()) {
    emulator::Packet* first = backlog_.head();
    WireRing* to = out(first->flags);
    size_t n = write_some(to);
    if (n == 0 && write(to, first->data(), first->length)) n = 1;
    full_ = n == 0;
    if (full_) return;
    for (; n > 0; --n) {
      if (backlog_.head_time() != emulator::kNever) dues_.push_back(backlog_.head_time());
      box->release(backlog_.pop());
    }
  }
}

int Lane::push(Time now) {
  if (!dirty_ && !waits()) return 0;
  if (dirty_) {
    if (counts_.first == 0) counts_.first = now;
    counts_.last = now;
  }
  dirty_ = false;
  for (WireRing& ring : spec_.tx) ring.ring.publish(ring.head);
  const int err = spec_.to->txsync();
  if (dues_.empty()) return err;
  const Time done = traffic::now_ns();
  for (const Time due : dues_) counts_.late.add(done - due);
  dues_.clear();
  return err;
}

void Lane::drop(Box* box) {
  while (waits()) {
    ++counts_.no_room;
    box->release(backlog_.pop());
  }
}

}  // namespace nm::runner
