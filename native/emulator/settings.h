// What a configuration says, as plain values: read from commands, changed as a copy, put in force as a whole.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>

#include "flow_key.h"
#include "loss.h"
#include "profile.h"
#include "time.h"
#include "trace.h"

namespace nm::emulator {

struct QueueSize {
  uint64_t value = 50;
  bool bytes = false;  // else slots
};

struct RedSettings {
  double weight = 0.002;    // w_q
  double min = 0, max = 0;  // in the unit of the queue's size
  double max_p = 0;
};

struct CodelSettings {
  Time target = 5 * kMillisecond;
  Time interval = 100 * kMillisecond;
  bool ecn = false;
  auto all() const { return std::tie(target, interval, ecn); }
};

struct PieSettings {
  Time target = 15 * kMillisecond;
  Time update = 15 * kMillisecond;  // tupdate
  double alpha = 0.125, beta = 1.25;
  Time max_burst = 150 * kMillisecond;
  double max_ecn = 0.1;  // max_ecnth
  bool ecn = false;
  bool cap_drop = true;
  bool derandomize = true;
  bool on_off = false;
  bool timestamps = false;  // `ts`; else the departure rate is estimated (`dre`)
  auto all() const {
    return std::tie(target, update, alpha, beta, max_burst, max_ecn, ecn, cap_drop, derandomize, on_off, timestamps);
  }
};

enum class Aqm : uint8_t { kTail, kRed, kGred, kCodel, kPie };

// How packets wait: of a queue, or of what a rule sends to a pipe itself.
struct QueueSettings {
  QueueSize size;
  LossSettings loss;
  Aqm aqm = Aqm::kTail;
  RedSettings red;
  bool ecn = false;  // of RED
  CodelSettings codel;
  PieSettings pie;
  FlowKey mask;  // of the flows, each with a queue of its own; of a pipe: empty
  uint32_t buckets = 64;
  bool no_error = false;
  // What schedulers want to know of it.
  uint16_t scheduler = 0;  // number
  uint32_t weight = 1;
  uint32_t max_length = 0;  // lmax; 0: 1500
  std::optional<uint32_t> priority;
  uint32_t share() const { return weight ? weight : 1; }
};

enum class SchedulerType : uint8_t { kFifo, kRoundRobin, kWf2q, kQfq, kPriority, kFqCodel, kFqPie };

struct FairSettings {  // FQ-CoDel, FQ-PIE
  uint32_t quantum = 1514;
  uint32_t limit = 10240;
  uint32_t flows = 1024;
  CodelSettings codel;
  PieSettings pie;
  bool operator==(const FairSettings& o) const {
    return std::tie(quantum, limit, flows) == std::tie(o.quantum, o.limit, o.flows) && codel.all() == o.codel.all() &&
           pie.all() == o.pie.all();
  }
};

struct SchedulerSettings {
  std::optional<SchedulerType> type;
  FairSettings fair;
  std::optional<FlowKey> mask;  // each masked flow has an instance, with a link of its own
  uint32_t buckets = 64;
};

// What a frame costs on the wire.
struct Overhead {
  enum class Kind : uint8_t { kFrame, kFrameCrc, kWire, kBytes } kind = Kind::kWire;
  int32_t bytes = 24;   // added to every frame
  uint32_t least = 60;  // shorter frames are padded to this first
};

enum class Release : uint8_t { kAuto, kEnd, kStart };  // when a packet leaves: its last bit, or its first one

enum class Distribution : uint8_t { kUniform, kNormal, kPareto, kExponential };

struct JitterSettings {
  Time amount = 0;
  Distribution distribution = Distribution::kUniform;
  bool reorder = false;  // packets may overtake each other
};

struct LinkSettings {
  uint64_t bandwidth = 0;  // bit/s, 0: unlimited
  Time delay = 0;
  uint64_t burst = 0;  // bytes
  std::shared_ptr<const Profile> profile;
  std::shared_ptr<const Trace> trace;
  std::string profile_file, trace_file;  // where they came from
  JitterSettings jitter;
  double reorder = 0;
  Time hold = kMillisecond;  // how much later a reordered packet comes
  double duplicate = 0;
  double corrupt = 0;
  double bit_errors = 0;
  Overhead overhead;
  Release release = Release::kAuto;
  uint64_t delay_limit = 0;  // bytes in the delay line; 0: what the emulator has
  Time tick = 0;             // dummynet's clock instead of the exact one
  bool gift = false;         // io_fast, with a tick

  // Whether both need the same wire.
  bool same_wire(const LinkSettings& o) const {
    return std::tie(bandwidth, burst, trace, tick, gift) == std::tie(o.bandwidth, o.burst, o.trace, o.tick, o.gift) &&
           (tick == 0 || delay == o.delay);
  }
  // What a frame takes on the wire.
  uint64_t bits_of(uint32_t length) const {
    const int64_t bytes = int64_t{length < overhead.least ? overhead.least : length} + overhead.bytes;
    return bytes > 0 ? static_cast<uint64_t>(bytes) * 8 : 8;
  }
};

// `pipe N config` and `sched N config` describe parts of one thing: a link and who may use it next.
struct PipeSettings {
  LinkSettings link;
  QueueSettings queue;
  std::optional<SchedulerType> type;  // `pipe N config ... sched qfq`
  FairSettings fair;                  // `pipe N config ... fq_codel`
  std::optional<FlowKey> mask;
};

struct Settings {
  std::map<uint16_t, PipeSettings> pipes;
  std::map<uint16_t, SchedulerSettings> schedulers;
  std::map<uint16_t, QueueSettings> queues;
  // Tunables.
  uint32_t red_lookup_depth = 256, red_avg_pkt_size = 512, red_max_pkt_size = 1500;
  bool io_fast = false;
  Time expire = 60 * kSecond;  // how long idle flows are remembered
};

}  // namespace nm::emulator
