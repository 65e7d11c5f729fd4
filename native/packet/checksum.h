// The internet checksum (RFC 1071).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "bytes.h"

namespace nm {

// Folds to 16 bits; 0 only for 0.
inline uint32_t fold(uint64_t sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffffffff) + (sum >> 32);
  uint32_t half = static_cast<uint32_t>(sum & 0xffff) + static_cast<uint32_t>(sum >> 16);
  half = (half & 0xffff) + (half >> 16);
  return half;
}

// One's complement sum of bytes as words in the host's order, an odd last byte padded with zero; not folded. The sum
// does not care for byte order as long as it is the same for all words: swap it once, when it has been folded.
inline uint64_t sum_host(const uint8_t* p, size_t length) {
  uint64_t low = 0, high = 0;
  for (; length >= 8; p += 8, length -= 8) {
    uint64_t v;
    std::memcpy(&v, p, 8);
    low += v & 0xffffffff;
    high += v >> 32;
  }
  uint64_t rest = 0;
  if (length > 0) std::memcpy(&rest, p, length);
  return low + high + (rest & 0xffffffff) + (rest >> 32);
}

// A checksum that covers itself is right when the sum of all is 0xffff, in either byte order.
inline bool sums_up(uint64_t sum) {
  return fold(sum) == 0xffff;
}

// A checksum after one of the words that it covers has changed (RFC 1624, equation 3).
inline uint16_t updated_checksum(uint32_t checksum, uint32_t before, uint32_t after) {
  return static_cast<uint16_t>(~fold(uint64_t{~checksum & 0xffff} + (~before & 0xffff) + after));
}

// Folded one's complement sum of big-endian words, plus `initial` (a folded or unfolded sum of earlier words). Not
// complemented.
inline uint16_t internet_sum(const uint8_t* data, size_t length, uint32_t initial) {
  const uint16_t words = network_order(static_cast<uint16_t>(fold(sum_host(data, length))));
  return static_cast<uint16_t>(fold(uint64_t{words} + initial));
}

// The same of bytes that come in pieces of any length.
class RunningSum {
 public:
  explicit RunningSum(uint32_t initial = 0) : sum_(initial) {}
  void add(const uint8_t* data, size_t length) {
    const uint16_t part = internet_sum(data, length, 0);
    sum_ += odd_ ? __builtin_bswap16(part) : part;
    odd_ ^= length & 1;
  }
  // Folded, not complemented.
  uint16_t folded() const { return static_cast<uint16_t>(fold(sum_)); }
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
