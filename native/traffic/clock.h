// Time in nanoseconds of the monotonic clock: the same for all processes of a machine.
#pragma once

#include <ctime>

#include <cstdint>

#include "../base/clock.h"

#ifdef __linux__
#include <sys/prctl.h>
#endif

namespace nm::traffic {

constexpr int64_t kMillisecond = 1000000;

using nm::now_ns;

// A moment in a loop that looks again and again.
inline void pause_cpu() {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Sleeps until a time has come; the system may add to it what it likes. Signals wake it: the caller looks at the clock.
inline void sleep_until(int64_t when) {
  const timespec t = {static_cast<time_t>(when / 1000000000), static_cast<long>(when % 1000000000)};
  (void)clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, nullptr);
}

// As long as it lives, sleeps of this thread end when they are due and not up to 50 us later (Linux's default slack).
class ExactSleep {
 public:
#ifdef __linux__
  ExactSleep() : before_(prctl(PR_GET_TIMERSLACK)) { (void)prctl(PR_SET_TIMERSLACK, 1UL); }
  ~ExactSleep() {
    if (before_ > 0) (void)prctl(PR_SET_TIMERSLACK, static_cast<unsigned long>(before_));
  }

 private:
  int before_;
#else
  ExactSleep() = default;
#endif

 public:
  ExactSleep(const ExactSleep&) = delete;
  ExactSleep& operator=(const ExactSleep&) = delete;
};

}  // namespace nm::traffic
