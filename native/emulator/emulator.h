// The emulator: pipes and queues by their numbers, one clock, one memory. Packets go in with times and come out with
// times; whether those are a real clock's or a virtual one's makes no difference. One thread at a time.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "pipe.h"
#include "settings.h"

namespace nm::emulator {

enum class Target : uint8_t { kPipe, kQueue };

// What became of a packet that was put in.
enum class Outcome : uint8_t {
  kPass,     // nothing holds it back: it is out already, and was not copied
  kTaken,    // it comes out later
  kDropped,  // it does not
};

// Takes what comes out. The packet is the output's from then on; it goes back by Emulator::release(). May put packets
// in again.
class Output {
 public:
  virtual ~Output() = default;
  virtual void leave(Packet* packet, Time at) = 0;
};

struct EmulatorOptions {
  uint64_t seed = 1;
  uint64_t memory = uint64_t{1} << 30;  // bytes for packets and flows
  bool release_start = false;           // links release packets with their first bit where they do not say otherwise
};

class Emulator {
 public:
  Emulator(const EmulatorOptions& options, Output* output);
  Emulator(const Emulator&) = delete;
  Emulator& operator=(const Emulator&) = delete;
  ~Emulator();

  // Puts other settings in force, at once and as a whole. Packets stay in, and in order, unless what they wait for is
  // gone.
  void apply(const Settings& settings, Time now);
  const Settings& settings() const { return settings_; }

  // A frame, sent by a rule to a pipe or a queue. Time does not go back: a `now` before the last one counts as that
  // one.
  Outcome submit(Target target, uint16_t number, const uint8_t* frame, uint32_t length, const Mark& mark, Time now);
  // The same for a packet that came out of another pipe. kPass leaves it with the caller; else it is the emulator's.
  Outcome submit(Target target, uint16_t number, Packet* packet, Time now);
  void release(Packet* packet) { around_.pool.give(packet); }
  // Room for a packet of the caller's own; null when there is none. It goes back by release().
  Packet* take(uint32_t length) { return around_.pool.take(length); }
  void set_cookies(Cookies* cookies) { around_.pool.set_cookies(cookies); }

  // Lets everything happen that is due by `now`, in order.
  void advance(Time now);
  // When the next thing is due; kNever when nothing is inside.
  Time next() const { return around_.events.next(); }
  Time now() const { return now_; }
  bool empty() const { return next() == kNever; }
  // Drops all packets.
  void flush();
  // Makes memory ready for so many bytes of waiting packets.
  void reserve(uint64_t bytes) { around_.pool.reserve(bytes); }

  const PacketPool& pool() const { return around_.pool; }
  const Drops& drops() const { return drops_; }  // of packets that came to no pipe, and of what has been deleted
  DropLog& drop_log() { return around_.drop_log; }
  Pipe* pipe(uint16_t number) const { return number < pipes_.size() ? pipes_[number].get() : nullptr; }
  const FlowSet* queue(uint16_t number) const { return number < sets_.size() ? sets_[number].get() : nullptr; }

 private:
  struct Way {
    Pipe* pipe = nullptr;
    FlowSet* set = nullptr;
  };
  // Counts the packet, and decides about its loss. False: it is dropped.
  bool find_way(Target target, uint16_t number, uint32_t length, uint32_t id, uint8_t port, Way* way);
  void run(Instance* instance, Time now);
  void sweep(Time now);
  class Rebuild;
  void apply_pipes(const Settings& next, Rebuild* rebuild, Time now);
  void apply_queues(const Settings& next, Rebuild* rebuild, Time now);
  void rebuild(const std::vector<Pipe*>& pipes, Time now);

  Time now_ = 0;
  Surroundings around_;
  Output* output_;
  Settings settings_;
  std::vector<std::unique_ptr<Pipe>> pipes_;    // by number
  std::vector<std::unique_ptr<FlowSet>> sets_;  // by number
  Drops drops_;
  Time next_sweep_ = 0;
};

}  // namespace nm::emulator
