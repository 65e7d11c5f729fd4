// Numbers in network order in memory of any alignment, and sums of 16-bit words as checksums need them (RFC 1071).
#pragma once

#include <cstdint>
#include <cstring>

namespace nm::traffic {

inline uint16_t load16(const uint8_t* p) {
  uint16_t v;
  memcpy(&v, p, 2);
  return __builtin_bswap16(v);
}
inline uint32_t load32(const uint8_t* p) {
  uint32_t v;
  memcpy(&v, p, 4);
  return __builtin_bswap32(v);
}
inline uint64_t load64(const uint8_t* p) {
  uint64_t v;
  memcpy(&v, p, 8);
  return __builtin_bswap64(v);
}
inline void store16(uint8_t* p, uint16_t v) {
  v = __builtin_bswap16(v);
  memcpy(p, &v, 2);
}
inline void store32(uint8_t* p, uint32_t v) {
  v = __builtin_bswap32(v);
  memcpy(p, &v, 4);
}
inline void store64(uint8_t* p, uint64_t v) {
  v = __builtin_bswap64(v);
  memcpy(p, &v, 8);
}

// Folds to 16 bits; 0 only for 0.
inline uint32_t fold(uint64_t sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffffffff) + (sum >> 32);
  uint32_t half = static_cast<uint32_t>(sum & 0xffff) + static_cast<uint32_t>(sum >> 16);
  half = (half & 0xffff) + (half >> 16);
  return half;
}

// Ones' complement sum of bytes as words in the host's order, not folded: swap it once, when it has been folded.
inline uint64_t sum_host(const uint8_t* p, uint32_t length) {
  uint64_t low = 0, high = 0;
  for (; length >= 8; p += 8, length -= 8) {
    uint64_t v;
    memcpy(&v, p, 8);
    low += v & 0xffffffff;
    high += v >> 32;
  }
  uint64_t rest = 0;
  if (length) memcpy(&rest, p, length);
  return low + high + (rest & 0xffffffff) + (rest >> 32);
}

// A checksum that covers itself is right when the sum of all is 0xffff, in either byte order.
inline bool sums_up(uint64_t host_sum) {
  return fold(host_sum) == 0xffff;
}

inline uint16_t to_host_words(uint16_t network_value) {
  return __builtin_bswap16(network_value);
}

}  // namespace nm::traffic
