// WF2Q+ (Bennett and Zhang): of the flows whose turn has come in the fluid model, the one that would be done first.
#pragma once

#include "../queue_heap.h"
#include "../scheduler.h"

namespace nm::emulator {

// While it is backlogged, a flow with the share phi of all weights is never behind its share by more than about
// (2 + phi) * Lmax bytes. The time per packet grows with the logarithm of the number of flows.
class Wf2q final : public Scheduler {
 public:
  Packet* dequeue(Time now) override;
  bool backlogged() const override { return !eligible_.empty() || !waiting_.empty(); }
  void restart() override;
  void adopt(Queue* queue) override;
  void forget(Queue* queue) override;
  void drain(PacketList* out) override;

 private:
  enum State : uint8_t { kUnknown, kEligible, kWaiting, kIdle };
  void activate(Queue* queue) override;
  void insert(Queue* queue);
  void promote();
  [[gnu::always_inline]] inline void fetch_next() const;  // see prefetch()
  bool known(const Queue& queue) const { return queue.turn.state != kUnknown && queue.turn.round == round_; }
  void change_sum(int64_t difference);

  QueueHeap<false> eligible_;  // by finish
  QueueHeap<false> waiting_;   // start lies ahead, by start
  QueueHeap<true> idle_;       // have no packets, but the fluid model is not through with them; by finish
  uint64_t now_ = 0;           // virtual time
  uint64_t sum_ = 0;           // of the weights of all known flows
  uint64_t inverse_sum_ = 0;
  uint32_t round_ = 1;  // busy period
};

}  // namespace nm::emulator
