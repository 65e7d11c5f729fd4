// Random values of fields, flows and times.
#pragma once

#include "../base/xoshiro.h"

namespace nm::traffic {

class Random : public Xoshiro {
 public:
  using Xoshiro::Xoshiro;

  // 0 to limit - 1; a limit of 0 means 2^64.
  uint64_t below(uint64_t limit) { return limit == 0 ? next() : Xoshiro::below(limit); }

  // Above 0, up to 1.
  double fraction() { return static_cast<double>((next() >> 11) + 1) * 0x1p-53; }

  // A number that belongs to another one for good, whatever was asked for before.
  static uint64_t hash(uint64_t x) { return split_mix(&x); }
};

}  // namespace nm::traffic
