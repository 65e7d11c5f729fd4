#include "runner.h"

#include <pthread.h>
#include <sched.h>

#include <cerrno>
#include <utility>

#include "../traffic/clock.h"

namespace nm::runner {
namespace {

// After work more is likely to come, and a thread that sleeps wakes up late: for so long it looks.
constexpr Time kLook = 50 * emulator::kMicrosecond;
// Who is given the core keeps it for about so long: then what is due until then would be as late.
constexpr Time kSlice = 3 * emulator::kMillisecond;

void name_thread() {
#ifdef __linux__
  (void)pthread_setname_np(pthread_self(), "netmap-emulate");
#endif
}

}  // namespace

Worker::Worker(std::shared_ptr<classifier::Ruleset> rules, const emulator::EmulatorOptions& options, uint32_t lane)
    : box_(std::move(rules), options, lane, this) {}

Worker::~Worker() {
  stop(Stop::kDrop);
  join();
}

Status Worker::start(bool spin, const Placement& placement) {
  if (!sleeper_.ok()) return Status::failure(errno, "eventfd");
  spin_ = spin;
  auto main = [](void* worker) -> void* {
    static_cast<Worker*>(worker)->run();
    return nullptr;
  };
  Status status = start_thread(placement, main, this, &thread_);
  started_ = status.ok();
  return status;
}

void Worker::stop(Stop how) {
  Stop now = stop_.load();
  while (now < how && !stop_.compare_exchange_weak(now, how)) {
  }
  sleeper_.wake();
}

void Worker::join() {
  if (started_) (void)pthread_join(thread_, nullptr);
  started_ = false;
}

void Worker::out(Box::Direction direction, emulator::Packet* packet, Time at) {
  for (const auto& lane : lanes_) {
    if (lane->direction() != direction) continue;
    lane->send(&box_, packet, at);
    return;
  }
  box_.release(packet);
}

void Worker::run() {
  name_thread();
  const traffic::ExactSleep exact;
  gate_.enter();
  for (const auto& lane : lanes_) {
    for (const WireRing& ring : lane->rx()) ring.touch();
    for (const WireRing& ring : lane->tx()) ring.touch();
  }
  for (;;) {
    Time now = traffic::now_ns();
    if (gate_.has_visitors()) {
      gate_.let_visitors_in();
      const Time before = now;
      now = traffic::now_ns();
      pauses_.add(now - before);
    }
    const int moved = round(now);
    if (moved < 0) {
      error_.store(-moved);
      break;
    }
    const Stop stop = stop_.load(std::memory_order_relaxed);
    if (stop == Stop::kDrop || (stop == Stop::kDrain && drained())) break;
    if (moved > 0)
      last_work_ = now;
    else
      rest(now);
  }
  for (const auto& lane : lanes_) lane->drop(&box_);
  box_.emulator().flush();
  ended_.store(true, std::memory_order_release);
  gate_.leave();
}

// What is due, what has come. Slots that were taken and frames that were sent, roughly; or a negative errno.
int Worker::round(Time now) {
  uint64_t sent = 0;
  for (const auto& lane : lanes_) sent -= lane->counts().out_packets;
  for (const auto& lane : lanes_) lane->flush(&box_);
  box_.advance(now);
  for (const auto& lane : lanes_) lane->flush(&box_);
  // What was due goes out before what has come is looked at: a batch of that takes its time.
  int err = push(now);
  if (err != 0) return -err;
  int moved = 0;
  if (stop_.load(std::memory_order_relaxed) == Stop::kNo) {
    for (const auto& lane : lanes_) {
      const int taken = lane->take(&box_, now);
      if (taken < 0) return taken;
      moved += taken;
    }
  }
  err = push(now);
  if (err != 0) return -err;
  for (const auto& lane : lanes_) sent += lane->counts().out_packets;
  return moved + (sent > 0 ? 1 : 0);
}

int Worker::push(Time now) {
  for (const auto& lane : lanes_) {
    const int err = lane->push(now);
    if (err != 0) return err;
  }
  return 0;
}

bool Worker::drained() const {
  if (!box_.emulator().empty() || box_.inside() > 0) return false;
  for (const auto& lane : lanes_) {
    if (lane->waits()) return false;
  }
  return true;
}

void Worker::rest(Time now) {
  const Time next = box_.next();
  if (now - last_work_ < kLook || next - now < (spin_ ? kSlice : kLook)) {
    traffic::pause_cpu();
    return;
  }
  if (spin_) {  // on a core of its own this comes back at once; on another one somebody else has work to do
    (void)sched_yield();
    return;
  }
  sleeper_.begin();
  for (const auto& lane : lanes_) {
    if (stop_.load() == Stop::kNo) sleeper_.want(lane->from(), POLLIN);
    if (lane->waits()) sleeper_.want(lane->to(), POLLOUT);
  }
  if (!sleeper_.ready()) {
    gate_.leave();
    sleeper_.sleep(next - now - kLook);
    gate_.enter();
  }
  sleeper_.end();
}

}  // namespace nm::runner
