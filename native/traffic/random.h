// Random numbers that are the same for the same seed: xoshiro256** (Blackman and Vigna, 2018), seeded by splitmix64.
#pragma once

#include <cstdint>

namespace nm::traffic {

class Random {
 public:
  explicit Random(uint64_t seed) {
    for (uint64_t& word : state_) word = split(&seed);
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

  // 0 to limit - 1; a limit of 0 means 2^64. Multiplication instead of division: the bias is below limit / 2^64.
  uint64_t below(uint64_t limit) {
    const uint64_t x = next();
    return limit == 0 ? x : static_cast<uint64_t>((static_cast<unsigned __int128>(x) * limit) >> 64);
  }

  // Above 0, up to 1.
  double fraction() { return static_cast<double>((next() >> 11) + 1) * 0x1p-53; }

  // A number that belongs to another one for good, whatever was asked for before.
  static uint64_t hash(uint64_t x) { return split(&x); }

 private:
  static uint64_t rotate(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
  static uint64_t split(uint64_t* seed) {
    uint64_t z = *seed += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  uint64_t state_[4];
};

}  // namespace nm::traffic
