// Explicit congestion notification (RFC 3168).
#pragma once

#include <cstdint>

namespace nm::emulator {

// Marks the frame's IP header "congestion experienced", its checksum put right. True when it is marked now, or was
// already; false when its sender cannot read marks (not ECT), or it carries no IP.
bool mark_congestion(uint8_t* frame, uint32_t length);

}  // namespace nm::emulator
