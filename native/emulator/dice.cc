#include "dice.h"

#include <cmath>

namespace nm::emulator {
namespace {

uint64_t derived(uint64_t seed, uint64_t purpose, uint64_t number) {
  seed = split_mix(&seed) ^ purpose;
  return split_mix(&seed) ^ number;
}

}  // namespace

Probability::Probability(double p) {
  if (p >= 1) {
    certain_ = true;
  } else if (p > 0) {
    threshold_ = static_cast<uint64_t>(std::ldexp(p, 64));
  }
}

Dice::Dice(uint64_t seed, uint64_t purpose, uint64_t number) : Xoshiro(derived(seed, purpose, number)) {}

// Box and Muller, one of the two.
double Dice::normal() {
  const double radius = std::sqrt(-2 * std::log(1 - uniform()));
  return radius * std::cos(2 * 3.14159265358979323846 * uniform());
}

}  // namespace nm::emulator
