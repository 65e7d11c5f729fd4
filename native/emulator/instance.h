// One run-time copy of a pipe: a scheduler, a link and a delay line. A pipe has one, or one per masked flow.
#pragma once

#include "delay_line.h"
#include "flow_table.h"
#include "scheduler.h"
#include "wire.h"

namespace nm::emulator {

class Pipe;

struct Instance {
  Instance(Pipe* pipe_, FlowSet* own_set, uint32_t buckets, uint64_t number_, Time now)
      : pipe(pipe_), number(number_), own(own_set, FlowKey(), now), queues(buckets), used(now) {}

  // When something is to be done: a packet may start, or comes out.
  Time due() const { return serve_at < line.next() ? serve_at : line.next(); }
  bool idle(Time now) const {
    return serve_at == kNever && line.empty() && !scheduler->backlogged() && queues.size() == 0 &&
           wire->busy_until() <= now;
  }

  // What one takes before any packet comes.
  static uint64_t memory_of(uint32_t buckets) { return sizeof(Instance) + 2 * 1024 + uint64_t{8} * buckets; }

  Pipe* pipe;
  MemoryShare memory;  // of those of masked flows
  std::unique_ptr<Scheduler> scheduler;
  std::unique_ptr<Wire> wire;
  DelayLine line;
  Time serve_at = kNever;
  uint64_t number;  // in the order they were made: of two things due at once the older instance's comes first
  uint32_t place = UINT32_MAX;  // in the event heap
  Time on_wire = kNever;        // when the packet that was sent last comes out, if it is the line's last
  Queue own;                    // of what is sent to the pipe itself
  FlowTable<Queue> queues;
  // In the table of the pipe.
  FlowKey key;
  uint64_t hash = 0;
  Instance* next_in_table = nullptr;
  Time used;
};

}  // namespace nm::emulator
