// A pipe: who may use a link next, the link, and the way behind it. What rules call `pipe N`, and what queues lead to.
#pragma once

#include "event_heap.h"
#include "histogram.h"
#include "impairments.h"
#include "settings.h"

namespace nm::emulator {

// What pipes share.
struct Surroundings {
  PacketPool pool;
  QueuePool queues{&pool.memory()};
  EventHeap events;
  DropLog drop_log;
  uint64_t seed;
  uint64_t instances = 0;      // ever made
  bool release_start = false;  // what Release::kAuto means
  Surroundings(uint64_t limit, uint64_t seed_, const Time* clock) : pool(limit), drop_log(clock), seed(seed_) {}
};

// What has been sent, and how long it took. In ns, from joining the queue.
struct LinkCounts {
  uint64_t packets = 0, bytes = 0;  // on the wire
  uint64_t out_packets = 0, out_bytes = 0;
  Time waited_sum = 0, waited_most = 0;                            // until the last bit was out
  Time transit_sum = 0, transit_least = kNever, transit_most = 0;  // until they came out
  Histogram transit;
};

class Pipe {
 public:
  Pipe(uint16_t number, Surroundings* surroundings);
  ~Pipe();
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  // What a change of settings asks for beyond taking them over.
  enum class Change { kNone, kRebuild };
  // `queues`: queues lead here, which decides the type of scheduler if nobody names one.
  Change configure(const PipeSettings& pipe, const SchedulerSettings* scheduler, bool queues, bool io_fast, Time now);
  // Takes all waiting packets out, in the order of their times, and forgets all queues. enter() takes them again.
  void take_apart(PacketList* out, Time now);
  // The parameters of a queue that leads here have changed: weight, size, management.
  void adopt(const FlowSet* set, Time now);

  // A packet for one of `set`'s flows. `again`: it had been let in before, and is not dropped now.
  void enter(FlowSet* set, Packet* packet, Time now, bool again);
  // Sends what may start at `at`, and after that by `until`, as long as no packet comes out before. Packets that come
  // out are the caller's, and so is the instance's place among the events.
  void serve(Instance* instance, Time at, bool waited, Time until);
  // Drops all it holds.
  void flush();
  // Forgets a few flows that have not been used since `before`.
  void sweep(Time before, Time now);

  // Whether a packet that enters now would come out now.
  bool passes(Time now) const;
  void pass(uint32_t length) {
    ++counts_.packets;
    counts_.bytes += length;
    came_out(length);
  }
  void came_out(uint32_t length) {
    ++counts_.out_packets;
    counts_.out_bytes += length;
  }
  bool holds_nothing() const;
  uint16_t number() const { return number_; }
  FlowSet& own() { return own_; }
  const FlowSet& own() const { return own_; }
  const LinkSettings& link() const { return link_; }
  SchedulerType type() const { return type_; }
  const FairSettings& fair() const { return fair_; }
  const FlowKey& mask() const { return mask_; }
  const LinkCounts& counts() const { return counts_; }
  LinkCounts& counts() { return counts_; }
  const DropSink& exit() const { return exit_; }
  const Impairments& impairments() const { return impairments_; }
  uint64_t bandwidth(Time now) const;
  // How long a frame takes on the wire, 0 where that is not known.
  Time time_of(uint32_t length) const {
    return link_.bandwidth ? static_cast<Time>(link_.bits_of(length) * kSecond / link_.bandwidth) : 0;
  }
  // What waits for the link now.
  struct Backlog {
    uint64_t packets = 0, bytes = 0, line_packets = 0, line_bytes = 0;
  };
  Backlog backlog() const;
  template <typename Visit>
  void each_instance(Visit visit) const {
    if (only_) visit(only_.get());
    instances_.each(visit);
  }

 private:
  Instance* find_instance(const FlowKey& flow, Time now);
  std::unique_ptr<Instance> make_instance(Time now);
  void make_scheduler(Instance* instance);
  Queue* find_queue(Instance* instance, FlowSet* set, const FlowKey& flow, Time now);
  void change_wires(Time now);
  void transmit(Instance* instance, Packet* packet, Time now, bool waited);
  bool survives(Packet* packet, bool lost);
  void put_on_line(Instance* instance, Packet* packet, Time leaves, bool stray);

  const uint16_t number_;
  Surroundings* around_;
  FlowSet own_;  // what is sent to the pipe itself
  LinkSettings link_;
  SchedulerType type_ = SchedulerType::kFifo;
  FairSettings fair_;
  FlowKey mask_, built_mask_;  // as configured, and as the instances have it
  uint32_t buckets_ = 64;
  bool configured_ = false;
  bool per_flow_ = false;  // flows have queues of their own
  bool release_start_ = false;
  bool transparent_ = false;  // lets packets pass at once
  bool wire_delays_ = false;  // the wire has a say in the delay
  Impairments impairments_;
  std::unique_ptr<Instance> only_;                  // without a mask
  FlowTable<Instance> instances_;                   // with one
  std::vector<std::unique_ptr<Instance>> leaving_;  // only their delay lines still hold packets
  Time busy_until_ = 0, last_out_ = 0;              // of instances that are gone: new ones come after them
  DropSink exit_;
  LinkCounts counts_;
};

}  // namespace nm::emulator
