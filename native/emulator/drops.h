// Why packets do not come out, and how many.
#pragma once

#include <cstdint>

namespace nm::emulator {

enum class Cause : uint8_t {
  kLoss,       // plr
  kQueueFull,  // tail drop; FQ: the flow with most packets
  kRed,        // RED, GRED
  kCodel,      // CoDel, FQ-CoDel
  kPie,        // PIE, FQ-PIE
  kProfile,    // the loss level of a delay profile
  kBitErrors,  // ber
  kDelayLine,  // the delay line has no room left
  kMemory,     // the emulator has no room left for packets or flows, or the frame is too long
  kNoTarget,   // the pipe or queue does not exist, or its scheduler does not
  kFlushed,    // deleted or flushed with what it held
  kCount,
};

inline constexpr int kCauses = static_cast<int>(Cause::kCount);

// As the field of a report.
inline const char* name_of(Cause cause) {
  static constexpr const char* kNames[kCauses] = {"loss",      "queueFull", "red",    "codel",    "pie",    "profile",
                                                  "bitErrors", "delayLine", "memory", "noTarget", "flushed"};
  return kNames[static_cast<int>(cause)];
}

struct Drops {
  uint64_t packets[kCauses] = {};
  uint64_t& operator[](Cause cause) { return packets[static_cast<int>(cause)]; }
  uint64_t operator[](Cause cause) const { return packets[static_cast<int>(cause)]; }
  Drops& operator+=(const Drops& other) {
    for (int i = 0; i < kCauses; ++i) packets[i] += other.packets[i];
    return *this;
  }
  uint64_t total() const {
    uint64_t sum = 0;
    for (const uint64_t n : packets) sum += n;
    return sum;
  }
};

}  // namespace nm::emulator
