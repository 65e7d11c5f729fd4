// The internet checksum (RFC 1071).
#pragma once

#include <cstddef>
#include <cstdint>

namespace nm {

// Folded 16-bit one's complement sum of big-endian words, an odd last byte padded with zero, plus `initial` (a folded
// or unfolded sum of earlier words). Not complemented.
uint16_t internet_sum(const uint8_t* data, size_t length, uint32_t initial);

}  // namespace nm
