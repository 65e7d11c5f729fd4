// When packets are due: at once, evenly, or at random, alone or in bursts.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "histogram.h"
#include "random.h"

namespace nm::traffic {

enum class Pattern : uint8_t { kFlatOut, kConstant, kPoisson };

struct ScheduleSpec {
  Pattern pattern = Pattern::kFlatOut;
  // ns from a packet to the next one, on average; several are for packets of different lengths in turn, each for the
  // time that one takes.
  std::vector<double> gaps;
  uint32_t burst = 1;  // packets that are due at once; the mean rate stays what it is
  uint64_t seed = 1;
};

class Schedule {
 public:
  explicit Schedule(ScheduleSpec spec) : spec_(std::move(spec)), random_(spec_.seed) {}

  bool flat_out() const { return spec_.pattern == Pattern::kFlatOut; }
  // The first packet is due now.
  void begin(int64_t now) {
    base_ = now;
    offset_ = 0;
    left_ = spec_.burst;
  }
  // When the next packet is due.
  int64_t due() const { return base_ + static_cast<int64_t>(offset_); }
  // Packets that are due by now, `most` at most; they are taken as sent. *last: when the last of them was due.
  uint32_t take(int64_t now, uint32_t most, int64_t* last) {
    if (flat_out()) {
      *last = now;
      return most;
    }
    uint32_t n = 0;
    while (n < most && due() <= now) {
      const uint32_t part = left_ < most - n ? left_ : most - n;
      *last = due();
      n += part;
      left_ -= part;
      pass(part);
      if (left_ == 0) next_burst();
    }
    return n;
  }
  // Whole ns from each burst to the next one, as planned.
  const Histogram& gaps() const { return gaps_; }
  // What is late by more than `most` ns is given up: it must not come all at once. Returns by how much the plan was
  // shifted.
  int64_t forgive(int64_t now, int64_t most) {
    const int64_t late = now - due();
    if (flat_out() || late <= most) return 0;
    base_ += late - most;
    return late - most;
  }

 private:
  // The time that so many packets take.
  void pass(uint32_t packets) {
    if (spec_.gaps.size() == 1) {
      burst_time_ += spec_.gaps[0] * packets;
      return;
    }
    for (; packets > 0; --packets) {
      burst_time_ += spec_.gaps[place_];
      if (++place_ == spec_.gaps.size()) place_ = 0;
    }
  }
  void next_burst() {
    const double gap = spec_.pattern == Pattern::kPoisson ? -std::log(random_.fraction()) * burst_time_ : burst_time_;
    gaps_.add(static_cast<int64_t>(gap));
    offset_ += gap;
    burst_time_ = 0;
    left_ = spec_.burst;
    // A double is exact to a fraction of a nanosecond only while it is small: nothing may add up over days.
    if (offset_ >= 1e9) {
      const double whole = std::floor(offset_ / 1e9) * 1e9;
      base_ += static_cast<int64_t>(whole);
      offset_ -= whole;
    }
  }

  ScheduleSpec spec_;
  Random random_;
  Histogram gaps_;
  int64_t base_ = 0;   // ns
  double offset_ = 0;  // of the next packet from it
  double burst_time_ = 0;
  uint32_t left_ = 1;  // packets of this burst that are not sent yet
  size_t place_ = 0;
};

}  // namespace nm::traffic
