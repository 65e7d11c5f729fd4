// Random decisions that can be repeated: one generator per impairment of each object, all from one seed, so that no two
// of them follow the same sequence and none disturbs another.
#pragma once

#include <cstdint>

namespace nm::emulator {

// A probability as a threshold for 64 random bits: exact at 0 and at 1.
class Probability {
 public:
  Probability() = default;
  explicit Probability(double p);  // outside 0..1 counts as the nearer end
  bool zero() const { return threshold_ == 0 && !certain_; }
  bool certain() const { return certain_; }
  uint64_t threshold() const { return threshold_; }

 private:
  uint64_t threshold_ = 0;
  bool certain_ = false;
};

// xoshiro256** by Blackman and Vigna, seeded through splitmix64.
class Dice {
 public:
  // What the numbers are for is part of the seed: kind of object, its number, the decision.
  Dice(uint64_t seed, uint64_t purpose, uint64_t number = 0);

  uint64_t next() {
    const uint64_t result = turn(state_[1] * 5, 7) * 9;
    const uint64_t t = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= t;
    state_[3] = turn(state_[3], 45);
    return result;
  }
  bool roll(Probability p) { return p.certain() || next() < p.threshold(); }
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }  // 0 <= u < 1
  uint64_t below(uint64_t n) { return static_cast<uint64_t>(static_cast<unsigned __int128>(next()) * n >> 64); }
  double normal();  // mean 0, standard deviation 1

 private:
  static uint64_t turn(uint64_t x, int k) { return (x << k) | (x >> (64 - k)); }
  uint64_t state_[4];
};

}  // namespace nm::emulator
