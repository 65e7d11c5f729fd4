// A seeded generator, so that a failure can be run again: NM_SEED names the seed.
#pragma once

#include <cstdint>
#include <cstdlib>

namespace nm {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 2 + 1) {}
  uint32_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return static_cast<uint32_t>(state_ >> 16);
  }
  uint32_t below(uint32_t n) { return next() % n; }

  static uint64_t seed() {
    const char* text = std::getenv("NM_SEED");
    return text ? std::strtoull(text, nullptr, 10) : 1;
  }

 private:
  uint64_t state_;
};

// How long a randomised test runs: NM_ROUNDS times its standard.
inline uint32_t rounds(uint32_t standard) {
  const char* text = std::getenv("NM_ROUNDS");
  return text ? static_cast<uint32_t>(standard * std::atof(text)) : standard;
}

}  // namespace nm
