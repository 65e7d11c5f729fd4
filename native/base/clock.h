// The monotonic clock: the same for all processes of a machine.
#pragma once

#include <unistd.h>

#include <ctime>

#include <cstdint>

namespace nm {

inline int64_t now_ns() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return int64_t{t.tv_sec} * 1000000000 + t.tv_nsec;
}

inline int64_t now_ms() {
  return now_ns() / 1000000;
}

// Whether what we wait for can happen while we look at the clock.
inline bool several_processors() {
  static const bool several = sysconf(_SC_NPROCESSORS_ONLN) > 1;
  return several;
}

}  // namespace nm
