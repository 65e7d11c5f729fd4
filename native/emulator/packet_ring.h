// First in, first out, for lists that grow long: an array of packets, so that those whose turn is near can be fetched
// into the cache. A chain through the packets themselves would cost the way to memory for each of them.
#pragma once

#include <memory>

#include "packet.h"

namespace nm::emulator {

// Grows with what waits at once, by doubling, and keeps what it has.
class PacketRing {
 public:
  bool empty() const { return first_ == end_; }
  uint64_t count() const { return end_ - first_; }
  uint64_t bytes() const { return bytes_; }
  // Of the first one and of the last one. There is one.
  Packet* head() const { return at(first_).packet; }
  Time head_time() const { return at(first_).time; }
  // The one that comes `n` places behind the first. There is one.
  Packet* operator[](uint64_t n) const { return at(first_ + n).packet; }
  // That it will be looked at soon: only a hint, and there need not be one.
  void fetch(uint64_t n) const {
    if (n < count()) fetch(at(first_ + n).packet);
  }
  Time tail_time() const { return at(end_ - 1).time; }
  void set_tail_time(Time time) { at(end_ - 1).time = time; }

  void push(Packet* packet, Time time) {
    if (count() == size_) grow();
    at(end_++) = {time, packet};
    bytes_ += packet->length;
  }
  Packet* pop() {
    fetch(kAhead);
    Packet* packet = at(first_++).packet;
    bytes_ -= packet->length;
    return packet;
  }

 private:
  struct Item {
    Time time;
    Packet* packet;
  };
  static constexpr uint64_t kAhead = 8;  // packets between a fetch and its use

  // What every packet has: its header, and a frame's.
  static void fetch(const Packet* packet) {
    __builtin_prefetch(packet);
    __builtin_prefetch(packet->data() + 64 - sizeof *packet);
  }
  Item& at(uint64_t i) const { return items_[i & (size_ - 1)]; }
  void grow() {
    const uint64_t size = size_ ? size_ * 2 : 64;
    std::unique_ptr<Item[]> items(new Item[size]);
    for (uint64_t i = first_; i != end_; ++i) items[i & (size - 1)] = at(i);
    items_ = std::move(items);
    size_ = size;
  }

  std::unique_ptr<Item[]> items_;
  uint64_t size_ = 0;             // a power of two
  uint64_t first_ = 0, end_ = 0;  // ever popped, and ever pushed
  uint64_t bytes_ = 0;
};

}  // namespace nm::emulator
