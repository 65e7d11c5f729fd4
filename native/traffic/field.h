// What varies from packet to packet: a field's value, packet after packet.
#pragma once

#include <cstdint>
#include <vector>

#include "random.h"

namespace nm::traffic {

enum class FieldKind : uint8_t {
  kRange,   // from, from + step, ...: `count` values, then again
  kList,    // the values of a list, one after the other
  kRandom,  // one of `count` values from `from` on
  kTime,    // the clock when the packet is made, in ns
};

struct FieldSpec {
  FieldKind kind = FieldKind::kRange;
  uint64_t from = 0;
  uint64_t count = 1;  // values; 0 stands for 2^64
  uint64_t step = 1;   // modulo 2^64, so it may go down as well
  std::vector<uint64_t> list;
  bool per_flow = false;  // the number of the flow decides, so that all packets of a flow have the same value
  bool carry = false;     // goes on only when the field before it begins anew
  uint64_t seed = 1;
};

class Field {
 public:
  explicit Field(FieldSpec spec) : spec_(std::move(spec)), random_(spec_.seed) {}

  const FieldSpec& spec() const { return spec_; }

  // Values of the next `n` packets, which belong to these flows. `wraps` says for each whether the field before began
  // anew with it, and is changed to whether this one does.
  void next(uint64_t* values, uint32_t n, const uint64_t* flows, uint8_t* wraps, int64_t now) {
    if (spec_.kind == FieldKind::kTime) {
      for (uint32_t k = 0; k < n; ++k) values[k] = static_cast<uint64_t>(now);
    } else if (spec_.per_flow) {
      for (uint32_t k = 0; k < n; ++k) values[k] = of_flow(flows[k]);
    } else if (spec_.kind == FieldKind::kRandom) {
      for (uint32_t k = 0; k < n; ++k) values[k] = spec_.from + random_.below(spec_.count);
    } else if (spec_.carry) {
      for (uint32_t k = 0; k < n; ++k) {
        values[k] = value(index_);
        if (wraps[k]) wraps[k] = advance();
      }
    } else {
      if (spec_.kind == FieldKind::kRange)
        range(values, n, wraps);
      else
        for (uint32_t k = 0; k < n; ++k) {
          values[k] = value(index_);
          wraps[k] = advance();
        }
    }
  }

 private:
  uint64_t value(uint64_t index) const {
    return spec_.kind == FieldKind::kList ? spec_.list[index] : spec_.from + index * spec_.step;
  }
  // To the next value; whether that is the first one again.
  bool advance() {
    if (++index_ != spec_.count) return false;
    index_ = 0;
    return true;
  }
  // The usual case, in runs without a wrap in between so that the compiler can do several at once.
  void range(uint64_t* values, uint32_t n, uint8_t* wraps) {
    for (uint32_t k = 0; k < n;) {
      const uint64_t left = spec_.count - index_;  // modulo 2^64: a count of 0 leaves plenty
      const uint32_t run = left - 1 < n - k ? static_cast<uint32_t>(left) : n - k;
      uint64_t v = spec_.from + index_ * spec_.step;
      for (uint32_t end = k + run; k < end; ++k, v += spec_.step) {
        values[k] = v;
        wraps[k] = 0;
      }
      index_ += run;
      if (index_ == spec_.count) {
        index_ = 0;
        wraps[k - 1] = 1;
      }
    }
  }
  uint64_t of_flow(uint64_t flow) const {
    if (spec_.kind == FieldKind::kRandom) {
      const uint64_t x = Random::hash(spec_.seed ^ (flow * 0xd1342543de82ef95));
      return spec_.from +
             (spec_.count == 0 ? x : static_cast<uint64_t>((static_cast<unsigned __int128>(x) * spec_.count) >> 64));
    }
    return value(spec_.count == 0 ? flow : flow % spec_.count);
  }

  FieldSpec spec_;
  Random random_;
  uint64_t index_ = 0;
};

}  // namespace nm::traffic
