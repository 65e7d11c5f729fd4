// poll(2)'s event bits, spelt out: Windows has other ones, and the addon builds there too.
#pragma once

namespace nm {

inline constexpr short kPollIn = 0x1;
inline constexpr short kPollOut = 0x4;
inline constexpr short kPollErr = 0x8;

}  // namespace nm
