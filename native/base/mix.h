// A hash of one word, in which each bit of the word decides about each bit of the result: splitmix64's finalizer.
#pragma once

#include <cstdint>

namespace nm {

inline uint64_t mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace nm
