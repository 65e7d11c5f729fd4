// Random numbers that are the same for the same seed: xoshiro256** (Blackman and Vigna, 2018), seeded by splitmix64.
#pragma once

#include <cstdint>

#include "mix.h"

namespace nm {

// The next number of a sequence. Used on a number once, it is a hash of it.
inline uint64_t split_mix(uint64_t* state) {
  *state += 0x9e3779b97f4a7c15;
  return mix(*state);
}

class Xoshiro {
 public:
  explicit Xoshiro(uint64_t seed) {
    for (uint64_t& word : state_) word = split_mix(&seed);
  }

  uint64_t next() {
    const uint64_t result = rotate(state_[1] * 5, 7) * 9, t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = rotate(state_[3], 45);
    return result;
  }

  // 0 to n - 1; 0 for 0. Multiplication instead of division: the bias is below n / 2^64.
  uint64_t below(uint64_t n) { return static_cast<uint64_t>((static_cast<unsigned __int128>(next()) * n) >> 64); }

 private:
  static uint64_t rotate(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }

  uint64_t state_[4];
};

}  // namespace nm
