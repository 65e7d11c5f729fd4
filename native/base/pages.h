// Memory is mapped in whole pages.
#pragma once

#include <cstdint>

namespace nm {

inline constexpr uint64_t kPageSize = 4096;

// The next multiple of `step` that holds n.
constexpr uint64_t round_up(uint64_t n, uint64_t step = kPageSize) {
  return (n + step - 1) / step * step;
}

}  // namespace nm
