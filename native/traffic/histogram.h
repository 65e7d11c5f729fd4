// A distribution of times with buckets as HdrHistogram has them: 128 for each power of two, so every value is known to
// 0.8 %.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

namespace nm::traffic {

class Histogram {
 public:
  // Buckets 0 to 255 hold one value each; from there on 128 buckets for each doubling, up to 2^42 ns (73 minutes).
  static constexpr int kSubBits = 7;
  static constexpr int kMaxBits = 42;
  static constexpr uint32_t kBuckets = ((kMaxBits - kSubBits) + 1) << kSubBits;

  Histogram() : counts_(kBuckets) {}

  // Negative values count as 0, those beyond the last bucket in it. `n` times the same value costs as much as one.
  void add(int64_t value, uint64_t n = 1) {
    if (n == 0) return;
    const uint64_t v = value < 0 ? 0 : static_cast<uint64_t>(value);
    counts_[bucket(v)] += n;
    count_ += n;
    const double d = static_cast<double>(v), m = static_cast<double>(n);
    sum_ += d * m;
    squares_ += d * d * m;
    if (v < min_) min_ = v;
    if (v > max_) max_ = v;
  }

  uint64_t count() const { return count_; }
  uint64_t min() const { return count_ ? min_ : 0; }
  uint64_t max() const { return max_; }
  double mean() const { return count_ ? sum_ / static_cast<double>(count_) : 0; }
  double stddev() const {
    if (count_ == 0) return 0;
    const double m = mean(), variance = squares_ / static_cast<double>(count_) - m * m;
    return variance > 0 ? std::sqrt(variance) : 0;
  }
  const std::vector<uint64_t>& counts() const { return counts_; }

  static uint32_t bucket(uint64_t v) {
    if (v >> kMaxBits) return kBuckets - 1;
    const int top = v < (2u << kSubBits) ? kSubBits : 63 - __builtin_clzll(v);
    const int shift = top - kSubBits;
    return static_cast<uint32_t>((static_cast<uint64_t>(shift) << kSubBits) + (v >> shift));
  }
  // Greatest value that falls into a bucket.
  static uint64_t upper(uint32_t bucket) {
    if (bucket < (2u << kSubBits)) return bucket;
    const uint32_t shift = (bucket >> kSubBits) - 1;
    return ((static_cast<uint64_t>(bucket - (shift << kSubBits)) + 1) << shift) - 1;
  }

 private:
  std::vector<uint64_t> counts_;
  uint64_t count_ = 0;
  uint64_t min_ = UINT64_MAX;
  uint64_t max_ = 0;
  double sum_ = 0;
  double squares_ = 0;
};

}  // namespace nm::traffic
