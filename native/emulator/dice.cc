#include "dice.h"

#include <cmath>

namespace nm::emulator {
namespace {

uint64_t split_mix(uint64_t* state) {
  uint64_t z = (*state += 0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace

Probability::Probability(double p) {
  if (p >= 1) {
    certain_ = true;
  } else if (p > 0) {
    threshold_ = static_cast<uint64_t>(std::ldexp(p, 64));
  }
}

Dice::Dice(uint64_t seed, uint64_t purpose, uint64_t number) {
  uint64_t state = seed;
  state = split_mix(&state) ^ purpose;
  state = split_mix(&state) ^ number;
  for (uint64_t& word : state_) word = split_mix(&state);
}

// Box and Muller, one of the two.
double Dice::normal() {
  const double radius = std::sqrt(-2 * std::log(1 - uniform()));
  return radius * std::cos(2 * 3.14159265358979323846 * uniform());
}

}  // namespace nm::emulator
