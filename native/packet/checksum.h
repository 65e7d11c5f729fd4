// The internet checksum (RFC 1071).
#pragma once

#include <cstddef>
#include <cstdint>

namespace nm {

// Folded 16-bit one's complement sum of big-endian words, an odd last byte padded with zero, plus `initial` (a folded
// or unfolded sum of earlier words). Not complemented.
uint16_t internet_sum(const uint8_t* data, size_t length, uint32_t initial);

// The same of bytes that come in pieces of any length.
class RunningSum {
 public:
  explicit RunningSum(uint32_t initial = 0) : sum_(initial) {}
  void add(const uint8_t* data, size_t length);
  // Folded, not complemented.
  uint16_t folded() const;
  // As it goes into a packet. Never 0, which in UDP means that there is no checksum: 0xffff is as good.
  uint16_t checksum() const {
    const auto sum = static_cast<uint16_t>(~folded());
    return sum == 0 ? 0xffff : sum;
  }

 private:
  uint64_t sum_;
  bool odd_ = false;  // the next byte is the second one of a word
};

}  // namespace nm
