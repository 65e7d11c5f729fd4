// Somebody who looks at the clock without a break sees when the processor was away: taken by another task, or by the
// host of a virtual machine.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include "histogram.h"

namespace nm::traffic {

class Lookout {
 public:
  // Two looks that are further apart, with nothing between them, are no doing of ours.
  static constexpr int64_t kBlink = 5000;  // ns

  // The next look follows at once.
  void watch(int64_t now) { last_ = now; }
  // That look, or the first one after something else.
  void look(int64_t now) {
    const int64_t before = std::exchange(last_, 0);
    if (before == 0 || now - before <= kBlink) return;
    away_.add(now - before);
    back_ = now;
  }
  // From when on something that was due could be done.
  int64_t possible(int64_t due) const { return std::max(due, back_); }
  // For how long it was away, each time.
  const Histogram& away() const { return away_; }

 private:
  int64_t last_ = 0;
  int64_t back_ = INT64_MIN;
  Histogram away_;
};

}  // namespace nm::traffic
