// Times by their size, on a logarithmic scale of 16 steps an octave: quantiles within 6 %, whatever their range.
#pragma once

#include <cstdint>

#include "time.h"

namespace nm::emulator {

class Histogram {
 public:
  static constexpr int kSteps = 16;
  static constexpr int kBuckets = kSteps * 60;

  void add(Time value) {
    ++counts_[index(value)];
    ++total_;
    if (value > most_) most_ = value;
  }
  Time most() const { return most_; }
  uint64_t total() const { return total_; }
  uint64_t count(int bucket) const { return counts_[bucket]; }
  // The least value of a bucket.
  static Time floor(int bucket) {
    if (bucket < kSteps) return bucket;
    return static_cast<Time>(kSteps + bucket % kSteps) << (bucket / kSteps - 1);
  }
  // What the share q of all values is not above.
  Time quantile(double q) const {
    if (total_ == 0) return 0;
    auto rest = static_cast<uint64_t>(q * static_cast<double>(total_ - 1));
    for (int i = 0; i < kBuckets; ++i) {
      if (rest < counts_[i]) {  // evenly spread within the bucket
        const double share = (static_cast<double>(rest) + 0.5) / static_cast<double>(counts_[i]);
        return floor(i) + static_cast<Time>(share * static_cast<double>(floor(i + 1) - floor(i)));
      }
      rest -= counts_[i];
    }
    return floor(kBuckets);
  }

 private:
  static int index(Time value) {
    if (value < kSteps) return value < 0 ? 0 : static_cast<int>(value);
    const int octave = 63 - __builtin_clzll(static_cast<uint64_t>(value));
    return (octave - 3) * kSteps + static_cast<int>(value >> (octave - 4)) - kSteps;
  }

  uint64_t counts_[kBuckets] = {};
  uint64_t total_ = 0;
  Time most_ = 0;
};

}  // namespace nm::emulator
