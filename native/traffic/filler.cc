#include "filler.h"

#include <algorithm>
#include <utility>

#include "../packet/checksum.h"

namespace nm::traffic {
namespace {

constexpr uint32_t kReport = 0x2;  // NS_REPORT
constexpr uint32_t kLine = 64;

uint16_t complement(uint64_t sum) {
  return static_cast<uint16_t>(~fold(sum));
}

// Both halves of a 64-bit number, so that sums of several do not overflow.
uint64_t halves(uint64_t x) {
  return (x & 0xffffffff) + (x >> 32);
}

}  // namespace

Filler::Filler(FrameSet frames, std::vector<FieldSpec> fields, FlowSpec flows, uint32_t fragment)
    : frames_(std::move(frames)), flows_(flows), flow_random_(flows.seed), fragment_(fragment) {
  for (FieldSpec& spec : fields) fields_.emplace_back(std::move(spec));
  words_.resize(fields_.size() * kBlock);
  scratch_.resize((frames_.longest() + kLine - 1) / kLine * kLine);
}

uint32_t Filler::length_of_next(uint64_t ahead) const {
  const auto& order = frames_.order();
  if (order.empty()) return frames_.frames()[0].length;
  return frames_.frames()[order[(place_ + order.size() - left_ % order.size() + ahead) % order.size()]].length;
}

uint32_t Filler::slots_of_longest(const TxRing& ring) const {
  const uint32_t most = fragment_ ? std::min(fragment_, ring.ring.buf_size()) : ring.ring.buf_size();
  return (frames_.longest() + most - 1) / most;
}

bool Filler::fits_slots(const TxRing& ring) const {
  const uint32_t most = fragment_ ? std::min(fragment_, ring.ring.buf_size()) : ring.ring.buf_size();
  return frames_.longest() <= most && !ring.ring.uses_offsets();
}

Filled Filler::fill(TxRing& ring, uint32_t most, int64_t now) {
  Filled filled;
  const bool plain = fits_slots(ring);
  const uint32_t before = ring.head;
  while (filled.frames < most) {
    // Packets that were made and not placed come first: nothing is skipped because a ring was full.
    if (left_ == 0) {
      const uint32_t room = ring.room();
      const uint32_t n = std::min({most - filled.frames, kBlock, room});
      if (n == 0) break;
      prepare(n, now);
      first_ = 0;
      left_ = n;
    }
    const uint32_t n = std::min(left_, most - filled.frames);
    const uint32_t done = plain ? fill_slots(ring, n, &filled) : fill_chains(ring, n, &filled);
    first_ += done;
    left_ -= done;
    filled.frames += done;
    if (done < n) break;
  }
  // Tells drivers of network cards to say when this one has gone, so that the ring does not look full for longer.
  if (ring.head != before) {
    const uint32_t last = ring.head == 0 ? ring.ring.size() - 1 : ring.head - 1;
    const SlotRead slot = ring.ring.read(last);
    ring.ring.write(last, slot.length(), slot.flags() | kReport);
  }
  return filled;
}

void Filler::prepare(uint32_t n, int64_t now) {
  if (flows_.count > 1) {
    for (uint32_t k = 0; k < n; ++k) {
      if (flows_.random) {
        block_.flow[k] = flow_random_.below(flows_.count);
      } else {
        block_.flow[k] = flow_index_;
        if (++flow_index_ == flows_.count) flow_index_ = 0;
      }
    }
  } else {
    std::fill_n(block_.flow, n, 0);
  }
  std::fill_n(block_.wraps, n, 1);
  for (size_t f = 0; f < fields_.size(); ++f) {
    fields_[f].next(&words_[f * kBlock], n, block_.flow, block_.wraps, now);
  }
  const auto& order = frames_.order();
  if (order.empty()) {
    std::fill_n(block_.frame, n, 0);
    prepare_same(frames_.frames()[0], n);
    return;
  }
  for (uint32_t k = 0; k < n; ++k) {
    block_.frame[k] = order[place_];
    if (++place_ == order.size()) place_ = 0;
  }
  prepare_mixed(n);
}

// One frame for all: field by field, in loops that the compiler can vectorise.
void Filler::prepare_same(const Frame& frame, uint32_t n) {
  uint64_t header[kBlock], packet[kBlock];
  std::fill_n(header, n, frame.header_base);
  std::fill_n(packet, n, frame.packet_base);
  for (size_t f = 0; f < fields_.size(); ++f) {
    const Spot& spot = frame.spots[f];
    if (spot.at == Spot::kNowhere) continue;
    uint64_t* words = &words_[f * kBlock];
    const uint64_t mask = spot.mask, rest = spot.rest;
    const uint8_t shift = spot.shift;
    const bool odd = ((spot.at + spot.width) & 1) != 0;
    for (uint32_t k = 0; k < n; ++k) words[k] = ((words[k] << shift) & mask) | rest;
    const auto add = [&](uint64_t* sums) {
      if (odd) {
        for (uint32_t k = 0; k < n; ++k) sums[k] += halves((words[k] << 8) | (words[k] >> 56));
      } else {
        for (uint32_t k = 0; k < n; ++k) sums[k] += halves(words[k]);
      }
    };
    if (spot.in_header) add(header);
    if (spot.in_packet) add(packet);
  }
  if (frame.header_varies) {
    for (uint32_t k = 0; k < n; ++k) block_.header_sum[k] = complement(header[k]);
  }
  if (frame.packet_varies) {
    for (uint32_t k = 0; k < n; ++k) block_.packet_sum[k] = complement(packet[k]);
    if (frame.zero_is_ones) {
      for (uint32_t k = 0; k < n; ++k) block_.packet_sum[k] |= block_.packet_sum[k] == 0 ? 0xffff : 0;
    }
  }
}

void Filler::prepare_mixed(uint32_t n) {
  for (uint32_t k = 0; k < n; ++k) {
    const Frame& frame = frames_.frames()[block_.frame[k]];
    uint64_t header = frame.header_base, packet = frame.packet_base;
    for (size_t f = 0; f < fields_.size(); ++f) {
      const Spot& spot = frame.spots[f];
      if (spot.at == Spot::kNowhere) continue;
      uint64_t& word = words_[f * kBlock + k];
      word = ((word << spot.shift) & spot.mask) | spot.rest;
      const uint64_t sum = halves(contribution(word, spot.at, spot.width));
      if (spot.in_header) header += sum;
      if (spot.in_packet) packet += sum;
    }
    block_.header_sum[k] = complement(header);
    block_.packet_sum[k] = complement(packet);
    if (frame.zero_is_ones && block_.packet_sum[k] == 0) block_.packet_sum[k] = 0xffff;
  }
}

// What makes a copy of a frame packet `k` of the block.
void Filler::finish(uint8_t* p, const Frame& frame, uint32_t k) const {
  for (size_t f = 0; f < fields_.size(); ++f) {
    const Spot& spot = frame.spots[f];
    if (spot.at != Spot::kNowhere) store(p + spot.at, spot.width, words_[f * kBlock + k]);
  }
  if (frame.header_varies) store16(p + frame.header_sum_at, block_.header_sum[k]);
  if (frame.packet_varies) store16(p + frame.packet_sum_at, block_.packet_sum[k]);
}

// A frame to a slot. Returns how many fitted. Everything is done for all packets before the next thing is done: short
// loops without branches, over lines that the first one has fetched.
uint32_t Filler::fill_slots(TxRing& ring, uint32_t n, Filled* filled) {
  n = std::min(n, ring.room());
  uint8_t* at[kBlock];
  if (frames_.order().empty()) {
    const Frame& frame = frames_.frames()[0];
    for (uint32_t k = 0; k < n;) {
      const uint32_t run = std::min(n - k, ring.ring.size() - ring.head);
      for (const uint32_t end = ring.head + run; ring.head < end; ++ring.head, ++k)
        at[k] = place(ring, ring.head, frame, 0);
      if (ring.head == ring.ring.size()) ring.head = 0;
    }
    filled->bytes += static_cast<uint64_t>(n) * frame.length;
    finish_same(at, n);
  } else {
    for (uint32_t k = 0; k < n; ++k, ring.head = ring.ring.next(ring.head)) {
      const uint32_t index = block_.frame[first_ + k];
      const Frame& frame = frames_.frames()[index];
      finish(place(ring, ring.head, frame, index), frame, first_ + k);
      filled->bytes += frame.length;
    }
  }
  filled->slots += n;
  return n;
}

// Sees to it that a slot holds a frame, and returns where it begins.
inline uint8_t* Filler::place(TxRing& ring, uint32_t i, const Frame& frame, uint32_t index) {
  const SlotRead slot = ring.ring.read(i);
  uint32_t space;
  uint8_t* p = ring.ring.payload(i, slot, &space);
  if (p == nullptr) {  // an index from a peer that plays tricks: an empty slot
    ring.ring.write(i, 0, 0);
    return scratch_.data();
  }
  const uint64_t held = static_cast<uint64_t>(slot.buffer()) << 32 | (index + 1);
  if (ring.held[i] != held) {
    memcpy(p, frame.bytes.data(), std::min<uint32_t>(space, static_cast<uint32_t>(frame.bytes.size())));
    if (ring.keeps) ring.held[i] = held;
  }
  ring.ring.write(i, frame.length, slot.flags() & NS_BUF_CHANGED);  // if it is another buffer, drivers have to know
  return p;
}

// What makes copies of one frame packets of the block, field by field.
void Filler::finish_same(uint8_t* const* at, uint32_t n) const {
  const Frame& frame = frames_.frames()[0];
  for (size_t f = 0; f < fields_.size(); ++f) {
    const Spot& spot = frame.spots[f];
    if (spot.at == Spot::kNowhere) continue;
    const uint64_t* words = &words_[f * kBlock + first_];
    const auto each = [&](auto put) {
      for (uint32_t k = 0; k < n; ++k) put(at[k] + spot.at, words[k]);
    };
    switch (spot.width) {
      case 2:
        each([](uint8_t* p, uint64_t word) { store16(p, static_cast<uint16_t>(word)); });
        break;
      case 4:
        each([](uint8_t* p, uint64_t word) { store32(p, static_cast<uint32_t>(word)); });
        break;
      case 8:
        each([](uint8_t* p, uint64_t word) { store64(p, word); });
        break;
      default:
        each([&](uint8_t* p, uint64_t word) { store(p, spot.width, word); });
    }
  }
  if (frame.header_varies) {
    for (uint32_t k = 0; k < n; ++k) store16(at[k] + frame.header_sum_at, block_.header_sum[first_ + k]);
  }
  if (frame.packet_varies) {
    for (uint32_t k = 0; k < n; ++k) store16(at[k] + frame.packet_sum_at, block_.packet_sum[first_ + k]);
  }
}

// Frames over several slots, or behind an offset: put together elsewhere, then divided.
uint32_t Filler::fill_chains(TxRing& ring, uint32_t n, Filled* filled) {
  uint32_t done = 0;
  uint32_t room = ring.room();
  for (; done < n; ++done) {
    const uint32_t k = first_ + done;
    const Frame& frame = frames_.frames()[block_.frame[k]];
    memcpy(scratch_.data(), frame.bytes.data(), frame.length);
    finish(scratch_.data(), frame, k);
    const uint32_t used = write_chain(ring, scratch_.data(), frame.length, room);
    if (used == 0) break;
    room -= used;
    filled->slots += used;
    filled->bytes += frame.length;
  }
  return done;
}

// Slots used, 0 when there are too few.
uint32_t Filler::write_chain(TxRing& ring, const uint8_t* bytes, uint32_t length, uint32_t room) {
  Ring& memory = ring.ring;
  uint32_t i = ring.head, used = 0;
  for (uint32_t at = 0; at < length; i = memory.next(i)) {
    if (used == room) return 0;
    uint32_t space = 0;
    const SlotRead slot = memory.read(i);
    uint8_t* p = memory.payload(i, slot, &space);
    if (fragment_) space = std::min(space, fragment_);
    const uint32_t part = std::min(space, length - at);
    if (p != nullptr && part > 0) memcpy(p, bytes + at, part);
    if (p == nullptr || part == 0) {  // an index from a peer that plays tricks: the frame ends here
      memory.write(i, 0, 0);
      ring.head = memory.next(i);
      return used + 1;
    }
    at += part;
    memory.write(i, part, (slot.flags() & NS_BUF_CHANGED) | (at < length ? NS_MOREFRAG : 0u));
    ++used;
  }
  ring.head = i;
  return used;
}

}  // namespace nm::traffic
