#include "monitor.h"

#include <time.h>

#include "directory.h"
#include "door.h"

namespace nm {

uint32_t MonitorPath::tx(RingView& r, uint32_t, uint32_t) noexcept {
  const uint32_t tail = r.kring->rtail.load(std::memory_order_relaxed);
  return (tail < r.n ? tail : 0) | kSyncFailed;
}

uint32_t MonitorPath::rx(RingView& r, uint32_t hwcur, uint32_t head) noexcept {
  Kring& k = *r.kring;
  if (hwcur != head) k.hwcur.store(head, std::memory_order_release);
  // In this order: after the end nothing more arrives.
  if (!ended() && k.rtail.load(std::memory_order_relaxed) == k.hwtail.load(std::memory_order_relaxed)) {
    look_for_dead_parent();
  }
  const uint32_t failed = ended() ? kSyncFailed : 0;
  std::atomic_thread_fence(std::memory_order_acquire);
  const uint32_t tail = k.hwtail.load(std::memory_order_acquire);
  return (tail < r.n ? tail : head) | failed;
}

// Nothing new: the process with the port may have been killed, and then nobody has said so. Looks once a second.
void MonitorPath::look_for_dead_parent() noexcept {
  timespec ts;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
  if (ts.tv_sec == last_look_) return;
  const bool first = last_look_ == 0;
  last_look_ = ts.tv_sec;
  const uint32_t parent = adapter_.parent.load();
  if (first || parent >= control_->adapters()) return;
  for (auto& bound : control_->adapter(parent).bound) {
    const uint32_t i = bound.load();
    if (i < control_->descriptors() && door_alive(control_->path("door." + std::to_string(i)))) return;
  }
  Control::Hold lock(*control_);
  if (lock.status().ok()) Directory(*control_).sweep(false);
}

}  // namespace nm
