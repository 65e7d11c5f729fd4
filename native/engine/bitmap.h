// Bits in memory that is shared: which objects of a pool are handed out.
#pragma once

#include <cstdint>

namespace nm {

constexpr uint64_t bitmap_bytes(uint32_t total) {
  return (uint64_t{total} + 7) / 8;
}
inline bool bit(const uint8_t* map, uint32_t i) {
  return map[i / 8] >> (i % 8) & 1;
}
inline void set_bit(uint8_t* map, uint32_t i) {
  map[i / 8] |= static_cast<uint8_t>(1u << (i % 8));
}
inline void clear_bit(uint8_t* map, uint32_t i) {
  map[i / 8] &= static_cast<uint8_t>(~(1u << (i % 8)));
}

}  // namespace nm
