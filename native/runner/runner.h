// Runs boxes between ports: one thread for both ways, or one for each. Others configure and read meanwhile.
#pragma once

#include <pthread.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "../device/status.h"
#include "gate.h"
#include "lane.h"
#include "sleeper.h"
#include "thread.h"

namespace nm::runner {

enum class Stop : uint8_t { kNo, kDrain, kDrop };

// A thread with a box of its own, and the ways that go through it.
class Worker final : private Box::Exit {
 public:
  // Makes the box for it, with an exit that leads to the ways.
  Worker(std::shared_ptr<classifier::Ruleset> rules, const emulator::EmulatorOptions& options, uint32_t lane);
  ~Worker() override;

  void add(LaneSpec spec) { lanes_.push_back(std::make_unique<Lane>(std::move(spec))); }
  // `spin`: looks for packets all the time.
  Status start(bool spin, const Placement& placement);
  // kDrain: takes nothing more, and ends when everything is out. kDrop: ends at once.
  void stop(Stop how);
  void join();
  bool ended() const { return ended_.load(std::memory_order_acquire); }
  int error() const { return error_.load(std::memory_order_relaxed); }

  // What follows needs a visit while the thread runs, and a wake after changes.
  Gate& gate() { return gate_; }
  void wake() { sleeper_.wake(); }
  Box& box() { return box_; }
  const Box& box() const { return box_; }
  const std::vector<std::unique_ptr<Lane>>& lanes() const { return lanes_; }
  // How long it stood still for visitors, in ns.
  const emulator::Histogram& pauses() const { return pauses_; }

 private:
  void out(Box::Direction direction, emulator::Packet* packet, Time at) override;
  void run();
  int round(Time now);
  int push(Time now);
  bool drained() const;
  void rest(Time now);

  Box box_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  Gate gate_;
  Sleeper sleeper_;
  pthread_t thread_ = {};
  bool started_ = false;  // and not joined yet
  bool spin_ = false;
  std::atomic<Stop> stop_{Stop::kNo};
  std::atomic<bool> ended_{false};
  std::atomic<int> error_{0};
  Time last_work_ = 0;
  emulator::Histogram pauses_;
};

}  // namespace nm::runner
