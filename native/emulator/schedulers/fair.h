// FQ-CoDel (RFC 8290) and FQ-PIE: flows are hashed to queues that are served by deficit round robin, new ones first,
// and each is managed by CoDel or PIE.
#pragma once

#include "../scheduler.h"

namespace nm::emulator {

// Backlogged flows get equal bytes within one quantum a round. When all queues together exceed the limit, the one with
// most bytes loses up to half of them, at most 64 packets.
class Fair final : public Scheduler {
 public:
  Fair(bool pie, const FairSettings& settings, FlowSet* own, uint64_t seed);
  static uint64_t memory_of(const FairSettings& settings) { return sizeof(Fair) + sizeof(Flow) * settings.flows; }
  bool per_flow() const override { return false; }
  bool enqueue(Queue* queue, Packet* packet, Time now) override;
  void accept(Queue* queue, Packet* packet) override;
  Packet* dequeue(Time now) override;
  bool backlogged() const override { return packets_ > 0; }
  uint64_t inner_packets() const override { return packets_; }
  uint64_t inner_bytes() const override;
  void adopt(Queue*) override {}
  void forget(Queue*) override {}
  void drain(PacketList* out) override;

 private:
  struct Flow {
    PacketList packets;
    Flow* next = nullptr;
    int64_t deficit = 0;
    bool active = false;
    Codel codel;
    Pie pie;
  };
  class Line {  // flows waiting for their turn
   public:
    bool empty() const { return head_ == nullptr; }
    Flow* head() const { return head_; }
    void push(Flow* flow) {
      flow->next = nullptr;
      (head_ ? tail_->next : head_) = flow;
      tail_ = flow;
    }
    void pop() { head_ = head_->next; }

   private:
    Flow* head_ = nullptr;
    Flow* tail_ = nullptr;
  };

  Flow* flow_of(const Packet& packet, Time now);
  bool admit(Flow* flow, Packet* packet, Time now);
  Packet* take(Flow* flow, Time now);
  void shed();

  const bool pie_;
  const FairSettings settings_;
  FlowSet* own_;
  const uint64_t salt_;
  Dice dice_;
  std::vector<Flow> flows_;
  Line new_, old_;
  uint64_t packets_ = 0;
};

}  // namespace nm::emulator
