// Decides which packet goes next. All of them are work-conserving: a packet that waits is sent as soon as the link is
// free.
#pragma once

#include <memory>
#include <vector>

#include "queue.h"

namespace nm::emulator {

class Scheduler {
 public:
  virtual ~Scheduler() = default;
  // Whether flows have queues of their own here. If not, everything comes to the pipe's own queue.
  virtual bool per_flow() const { return true; }
  // Puts a packet into `queue`, or drops it. True when there may be more to send now than before.
  virtual bool enqueue(Queue* queue, Packet* packet, Time now);
  // The same for a packet that was let in before: it is not dropped, and its time stays.
  virtual void accept(Queue* queue, Packet* packet);
  // The next packet to be sent, null when there is none.
  virtual Packet* dequeue(Time now) = 0;
  virtual bool backlogged() const = 0;
  // What waits in queues of the scheduler's own.
  virtual uint64_t inner_packets() const { return 0; }
  virtual uint64_t inner_bytes() const { return 0; }
  // The link has been idle: whatever the flows were owed is settled.
  virtual void restart() {}
  // Before a queue is used, and after its weight, length or priority have changed.
  virtual void adopt(Queue* queue) = 0;
  // An empty queue is about to go.
  virtual void forget(Queue* queue) = 0;
  // Hands over all packets, those of a queue in their order. The scheduler is empty and knows no queue afterwards.
  virtual void drain(PacketList* out) = 0;

  // What one of them takes, without its flows where they have queues of their own.
  static uint64_t memory_of(SchedulerType type, const FairSettings& fair);
  static std::unique_ptr<Scheduler> make(SchedulerType type, const FairSettings& fair, FlowSet* own, uint64_t seed);

 protected:
  // `queue` has its first packet.
  virtual void activate(Queue*) {}
};

inline bool Scheduler::enqueue(Queue* queue, Packet* packet, Time now) {
  const bool was_empty = queue->empty();
  if (!queue->push(packet, now)) return false;
  if (was_empty) activate(queue);
  return true;
}

inline void Scheduler::accept(Queue* queue, Packet* packet) {
  const bool was_empty = queue->empty();
  queue->accept(packet);
  if (was_empty) activate(queue);
}

}  // namespace nm::emulator
