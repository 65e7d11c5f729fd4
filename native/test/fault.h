// What the tests of dying processes share: who carries which fault, heart beats, and frames in order. A program that
// includes this has the engine's fault points in it.
#pragma once

#include "../engine/fault.h"

#include <signal.h>
#include <sys/mman.h>

#include <atomic>
#include <map>

#include "traffic.h"

namespace nm {

constexpr uint32_t kPoints = static_cast<uint32_t>(FaultPoint::kCount);

// Where and how a process is to end.
struct Plan {
  bool armed = false;
  FaultPoint point{};
  uint32_t passes = 0;
  int signal = 0;
};
inline Plan plan;                      // of this process
inline std::atomic<uint32_t>* struck;  // who died or was stopped at each point; in memory that all see

// In a header because there is one such file to a program.
void fault_point(FaultPoint point) noexcept {
  if (!plan.armed || point != plan.point || --plan.passes > 0) return;
  plan.armed = false;
  ++struck[static_cast<uint32_t>(point)];
  raise(plan.signal);
}

// Memory that survives fork, zeroed.
template <class T>
T* shared() {
  return static_cast<T*>(mmap(nullptr, sizeof(T), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
}

// Called again and again by a process: notes the longest time between two calls.
inline void beat(std::atomic<uint64_t>& longest_us) {
  static double last = 0;
  const double now = seconds();
  if (last != 0) {
    const auto us = static_cast<uint64_t>((now - last) * 1e6);
    if (us > longest_us) longest_us = us;
  }
  last = now;
}

// The number that each life's frames must go on with.
using Order = std::map<uint32_t, uint32_t>;

// Takes what has come and checks it: each frame whole, no number twice, and none missing if nothing may be lost.
inline void receive(TestPort& port, const char* name, Order& order, bool lossless, std::atomic<uint64_t>& frames,
                    std::atomic<uint64_t>& wrong) {
  netmap_ring* ring = port.rx();
  for (; TestPort::owned(ring); ring->head = ring->cur = TestPort::next(ring, ring->head)) {
    FrameTag tag{};
    const bool whole = read_frame(TestPort::buffer(ring, ring->head), ring->slots()[ring->head].len, &tag);
    uint32_t& wanted = order[tag.life];
    if (!whole || (lossless ? tag.number != wanted : tag.number < wanted)) {
      ++wrong;
      std::printf("# %s: frame %u of life %u, %s, %u expected\n", name, tag.number, tag.life, whole ? "whole" : "torn",
                  wanted);
    }
    wanted = tag.number + 1;
    ++frames;
  }
}

}  // namespace nm
