// The packets of a long queue in a row beside it. A chain through the packets costs the way to memory for each of them;
// with their addresses known beforehand those whose turn is near can be fetched into the cache.
#pragma once

#include <cstdint>
#include <vector>

#include "packet.h"

namespace nm::emulator {

// Only hints: what is not known, because it came before the runway was there, is not fetched.
class Runway {
 public:
  // After a packet has joined the queue, which is `count` long now.
  void push(const Packet* packet, uint64_t count) {
    if (count > packets_.size()) grow();
    at(end_++) = packet;
  }
  // The packet whose turn is near when the queue is `count` long; null when that is not known.
  const Packet* ahead(uint64_t count) const {
    return count > kAhead ? packets_[(end_ - count + kAhead) & (packets_.size() - 1)] : nullptr;
  }

 private:
  static constexpr uint64_t kAhead = 16;  // packets between a fetch and its use

  const Packet*& at(uint64_t i) { return packets_[i & (packets_.size() - 1)]; }
  void grow() {
    std::vector<const Packet*> old(packets_.empty() ? 512 : packets_.size() * 2);
    old.swap(packets_);
    for (uint64_t i = 1; i <= old.size() && i <= end_; ++i) at(end_ - i) = old[(end_ - i) & (old.size() - 1)];
  }

  std::vector<const Packet*> packets_;  // a power of two
  uint64_t end_ = 0;                    // ever pushed
};

}  // namespace nm::emulator
