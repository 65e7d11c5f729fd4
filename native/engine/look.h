// How long those who wait look before they sleep, and sleep before they look again.
#pragma once

#include <cstdint>

namespace nm {

// Right after traffic more is likely to come, and looking costs less than sleeping and being woken: for so long they
// look.
constexpr int64_t kLookNs = 50000;

// A wait ends after this long to look again: a bell may be lost when a process has no descriptors left to ring with, or
// to another process that inherited the same file.
constexpr int kLookAgainMs = 1000;

}  // namespace nm
