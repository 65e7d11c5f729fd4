// Follows the numbers of one stream: what is missing, late, or there twice. The rules are those of SequenceTracker in
// src/packet/sequence.ts, and a test holds the two together.
#pragma once

#include <cstdint>
#include <vector>

namespace nm::traffic {

struct SequenceCounts {
  uint64_t received = 0;
  int64_t lost = 0;
  int64_t reordered = 0;
  uint64_t duplicated = 0;
  uint64_t restarts = 0;
};

class Sequence {
 public:
  static constexpr uint32_t kWindow = 65536;  // numbers back that a late packet is recognised

  Sequence() : window_(kWindow / 64) {}
  const SequenceCounts& counts() const { return counts_; }

  void add(uint32_t number) {
    if (number == next_ && counts_.received != 0) {
      ++counts_.received;
      ++next_;
    } else {
      add_other(number);
    }
  }

 private:
  void add_other(uint32_t number);
  void settle();
  void begin(uint32_t number);
  void late(uint32_t number);
  void stale(uint32_t number);
  bool seen(uint32_t number) const { return (window_[number / 64 % window_.size()] >> (number % 64) & 1) != 0; }
  void see(uint32_t number) { window_[number / 64 % window_.size()] |= uint64_t{1} << (number % 64); }
  void fill(uint32_t from, uint64_t count, bool value);

  SequenceCounts counts_;
  std::vector<uint64_t> window_;  // a bit for each number: seen
  uint32_t next_ = 0;
  uint32_t lowest_ = 0;
  uint64_t span_ = 0;                 // numbers from the lowest to the highest, as far as the window is up to date
  uint64_t settled_ = 0;              // packets when that was so; all since then were in order
  uint32_t restart_ = 0;              // the number that would prove a new beginning...
  uint64_t restart_at_ = UINT64_MAX;  // ...if it came as this packet
};

}  // namespace nm::traffic
