// Waking the owners of a ring that sleep.
#pragma once

#include <memory>
#include <vector>

#include "control.h"

namespace nm {

// The doors that this device has rung before stay open, so that ringing again is one system call.
class Bells {
 public:
  explicit Bells(std::shared_ptr<Control> control) : control_(std::move(control)) {}
  ~Bells();
  Bells(const Bells&) = delete;
  Bells& operator=(const Bells&) = delete;

  // Call after a change of the ring has been published: wakes whoever waits for one.
  void wake(Kring& kring, uint32_t adapter) noexcept {
    // Against the sleeper's own order: it first says that it sleeps and then looks at the ring again.
    std::atomic_thread_fence(std::memory_order_seq_cst);
    if (kring.asleep.load(std::memory_order_relaxed)) wake_sleepers(kring, adapter);
  }

 private:
  struct Bell {
    uint32_t descriptor, generation;
    int fd;
  };
  void wake_sleepers(Kring& kring, uint32_t adapter) noexcept;
  void ring(uint32_t descriptor) noexcept;

  std::shared_ptr<Control> control_;
  std::vector<Bell> bells_;
};

}  // namespace nm
