// The packets of one flow that wait for the link.
#pragma once

#include <memory>

#include "codel.h"
#include "flow_set.h"
#include "pie.h"
#include "red.h"

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
  uint32_t place = 0;  // index in a heap with places
  uint32_t round = 0;  // which busy period the rest belongs to
  uint8_t state = 0;
  uint8_t group = 0;
  uint32_t max_length = 1500;
};

struct alignas(64) Queue {
  Queue(FlowSet* set_, const FlowKey& key_, Time now);

  bool empty() const { return packets.empty(); }
  uint32_t head_length() const { return packets.head()->length; }
  // Lets a packet join unless it has to be dropped.
  bool push(Packet* packet, Time now);
  // The next packet to be sent. Null when there is none, or queue management has dropped all that were left.
  Packet* pop(Time now);
  // After the settings have changed.
  void manage(Time now);

  PacketList packets;
  FlowSet* set;
  std::unique_ptr<Management> management;
  Queue* next = nullptr;  // in a scheduler's list
  Queue* previous = nullptr;
  int64_t credit = 0;
  Turn turn;
  uint64_t arrived_packets = 0, arrived_bytes = 0, dropped = 0;
  // In the table of its instance.
  FlowKey key;
  uint64_t hash = 0;
  Queue* next_in_table = nullptr;
  Time used = 0;  // last

 private:
  bool full(const Packet& packet) const;
  bool admit(Packet* packet, Time now);
};

}  // namespace nm::emulator
