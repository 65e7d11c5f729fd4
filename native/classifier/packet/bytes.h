// Big-endian fields of packets, wherever they lie.
#pragma once

#include <cstdint>

namespace nm::classifier {

inline uint32_t read16(const uint8_t* at) {
  return static_cast<uint32_t>(at[0]) << 8 | at[1];
}
inline uint32_t read32(const uint8_t* at) {
  return read16(at) << 16 | read16(at + 2);
}
inline uint64_t read48(const uint8_t* at) {
  return static_cast<uint64_t>(read16(at)) << 32 | read32(at + 2);
}
inline uint64_t read64(const uint8_t* at) {
  return static_cast<uint64_t>(read32(at)) << 32 | read32(at + 4);
}
inline void write16(uint8_t* at, uint32_t value) {
  at[0] = static_cast<uint8_t>(value >> 8);
  at[1] = static_cast<uint8_t>(value);
}

}  // namespace nm::classifier
