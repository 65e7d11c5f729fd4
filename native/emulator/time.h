// Time of the emulator: whole nanoseconds since an origin that the caller chooses, the same for a real clock and a
// virtual one. Fractions of a nanosecond are kept where they add up: on the wire (wire.h).
#pragma once

#include <cstdint>

namespace nm::emulator {

using Time = int64_t;

inline constexpr Time kMicrosecond = 1000;
inline constexpr Time kMillisecond = 1000000;
inline constexpr Time kSecond = 1000000000;
inline constexpr Time kNever = INT64_MAX;
// As far as any time may lie from the origin: sums of two do not overflow.
inline constexpr Time kFarthest = INT64_MAX / 4;

}  // namespace nm::emulator
