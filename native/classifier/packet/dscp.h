#pragma once

#include <cstdint>

#include "packet.h"

namespace nm::classifier {

// Writes a code point (6 bits) into the IP header and mends IPv4's checksum. False when nothing had to be changed, or
// the packet is not IP.
bool set_dscp(Packet& packet, uint32_t dscp);

}  // namespace nm::classifier
