// Values that are worked out of a packet when a rule asks for them.
#pragma once

#include "../expression.h"
#include "packet.h"

namespace nm::classifier {

// False when the packet doesn't have it. The shape bits that the test needs have been checked.
bool derive(Derived what, const Packet& packet, uint32_t& out);

}  // namespace nm::classifier
