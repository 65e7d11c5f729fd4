// First in, first out: one queue, that of the pipe. A flow's share of the link is its share of what arrives.
#pragma once

#include "../scheduler.h"

namespace nm::emulator {

class Fifo final : public Scheduler {
 public:
  bool per_flow() const override { return false; }
  Packet* dequeue(Time now) override { return queue_->pop(now); }
  bool backlogged() const override { return queue_ && !queue_->empty(); }
  void adopt(Queue* queue) override { queue_ = queue; }
  void forget(Queue*) override { queue_ = nullptr; }
  void drain(PacketList* out) override {
    if (queue_) out->take_all(&queue_->packets);
    queue_ = nullptr;
  }

 private:
  Queue* queue_ = nullptr;
};

}  // namespace nm::emulator
