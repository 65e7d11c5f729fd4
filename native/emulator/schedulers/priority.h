// Strict priorities: 0 goes first, and as long as it is backlogged the others get nothing. Queues of one priority take
// turns, a packet each.
#pragma once

#include "../scheduler.h"

namespace nm::emulator {

class Priority final : public Scheduler {
 public:
  static constexpr uint32_t kLevels = 64;

  Packet* dequeue(Time now) override;
  bool backlogged() const override { return busy_ != 0; }
  void adopt(Queue* queue) override;
  void forget(Queue*) override {}
  void drain(PacketList* out) override;

 private:
  void activate(Queue* queue) override;
  Queue* take_first(uint32_t level);

  uint64_t busy_ = 0;          // bit n: level n has packets
  Queue* last_[kLevels] = {};  // of a circle; the one after it is served
};

}  // namespace nm::emulator
