// The packets of one flow that wait for the link.
#pragma once

#include <memory>

#include "../base/prefetch.h"
#include "codel.h"
#include "flow_set.h"
#include "pie.h"
#include "queue_pool.h"
#include "red.h"
#include "runway.h"

namespace nm::emulator {

// What queue management remembers of a queue. Only queues that are managed have it.
struct Management {
  Management(const QueueSettings& settings, const Dice& d, Time now) : dice(d) { pie.reset(settings.pie, now); }
  Dice dice;
  Red red;
  Codel codel;
  Pie pie;
};

// Where a queue stands in its scheduler. What it means is the scheduler's affair.
struct Turn {
  uint64_t start = 0, finish = 0;  // virtual times of the packet at the head
  uint64_t inverse = 0;            // of the weight
  uint32_t weight = 1;
  uint32_t round = 0;  // which busy period the rest belongs to
  uint32_t place = 0;  // index in a heap with places
  uint16_t max_length = 1500;
  uint8_t state = 0;
  uint8_t group = 0;
};

// A scheduler with many flows finds none of this in a cache: what it needs for a packet lies in the first two lines,
// what looking a flow up needs in the third.
struct alignas(128) Queue {
  Queue(FlowSet* set_, const FlowKey& key_, Time now);
  // Those of flows are made in a pool: null when it has no memory left.
  static void* operator new(size_t, QueuePool* pool) noexcept { return pool->take(); }
  static void operator delete(void* queue) { QueuePool::give(queue); }

  bool empty() const { return packets.empty(); }
  uint32_t head_length() const { return packets.head_length(); }
  // Lets a packet join unless it has to be dropped.
  bool push(Packet* packet, Time now);
  // A packet joins that must not be dropped; its time stays.
  void accept(Packet* packet) {
    packets.push(packet);
    note(packet);
  }
  // The next packet to be sent. Null when there is none, or queue management has dropped all that were left.
  Packet* pop(Time now);
  // After the settings have changed.
  void manage(Time now);

  // That the scheduler will want this queue soon, and, a little later, its next packet.
  [[gnu::always_inline]] void fetch() const {
    prefetch(this);
    prefetch(reinterpret_cast<const char*>(this) + 64);
  }
  [[gnu::always_inline]] void fetch_head() const { prefetch(packets.head()); }

  PacketList packets;
  Turn turn;
  Queue* next = nullptr;  // in a scheduler's list
  Queue* previous = nullptr;
  FlowSet* set;
  std::unique_ptr<Management> management;
  std::unique_ptr<Runway> runway;  // of a queue that has been long
  uint64_t arrived_packets = 0, arrived_bytes = 0;
  // In the table of its instance.
  FlowKey key;
  uint64_t hash = 0;
  Queue* next_in_table = nullptr;
  uint64_t dropped = 0;
  Time used = 0;  // last, as far as an empty queue is concerned

 private:
  void note(const Packet* packet) {
    if (runway || packets.count() >= kLong) note_long(packet);
  }
  void note_long(const Packet* packet);
  static constexpr uint32_t kLong = 256;  // shorter ones stay in caches

  bool full(const Packet& packet) const;
  bool admit(Packet* packet, Time now);
  Packet* pop_managed(Time now);
};
static_assert(sizeof(PacketList) + sizeof(Turn) == 72 && sizeof(Queue) == QueuePool::kRoom,
              "where the cache lines are");

inline Packet* Queue::pop(Time now) {
  if (runway) prefetch(runway->ahead(packets.count()));
  Packet* packet = management ? pop_managed(now) : packets.empty() ? nullptr : packets.pop();
  if (packets.empty()) used = now;
  return packet;
}

}  // namespace nm::emulator
