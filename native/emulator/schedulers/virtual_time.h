// Virtual time of the fair schedulers: bytes per unit of weight, with 32 bits behind the point. It wraps around;
// compare with before().
#pragma once

#include <cstdint>

namespace nm::emulator {

inline constexpr int kVirtualBits = 32;

// 1/weight with enough bits that the error of a product is below 2^-35 of it, whatever the weight.
inline uint64_t inverse_of(uint64_t weight) {
  return (uint64_t{1} << 52) / (weight ? weight : 1);
}

// How far virtual time goes while `bytes` are sent at a weight.
inline uint64_t span(uint64_t bytes, uint64_t inverse) {
  return static_cast<uint64_t>(static_cast<unsigned __int128>(bytes) * inverse >> (52 - kVirtualBits));
}

}  // namespace nm::emulator
