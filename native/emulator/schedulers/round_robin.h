// Deficit round robin: each round a backlogged queue may send weight * lmax bytes more.
#pragma once

#include "../scheduler.h"

namespace nm::emulator {

// Two queues that stay backlogged get bytes in proportion to their quanta, at any time within one round and a packet
// each. What a queue has left when it becomes empty is lost. The time per packet is constant as long as quanta are not
// smaller than packets; otherwise a packet takes several rounds.
class RoundRobin final : public Scheduler {
 public:
  Packet* dequeue(Time now) override;
  bool backlogged() const override { return last_ != nullptr; }
  void adopt(Queue* queue) override;
  void forget(Queue*) override {}
  void drain(PacketList* out) override;

 private:
  void activate(Queue* queue) override;
  void remove_first();

  Queue* last_ = nullptr;  // of a circle; the one after it is served
};

}  // namespace nm::emulator
