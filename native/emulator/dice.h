// Random decisions that can be repeated: one generator per impairment of each object, all from one seed, so that no two
// of them follow the same sequence and none disturbs another.
#pragma once

#include <cstdint>

#include "../base/xoshiro.h"

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

class Dice : public Xoshiro {
 public:
  // What the numbers are for is part of the seed: kind of object, its number, the decision.
  Dice(uint64_t seed, uint64_t purpose, uint64_t number = 0);

  bool roll(Probability p) { return p.certain() || next() < p.threshold(); }
  double uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }  // 0 <= u < 1
  double normal();                                                          // mean 0, standard deviation 1
};

}  // namespace nm::emulator
