// Which flow a frame belongs to, as a number that is the same for both directions.
#pragma once

#include <cstdint>

namespace nm::traffic {

// Of addresses, protocol and ports of an IP packet (parts of packets: without ports, so that all parts go the same
// way); of MAC addresses and EtherType otherwise. Evenly spread over 32 bits. Nothing is read beyond `length`.
uint32_t flow_hash(const uint8_t* frame, uint32_t length);

}  // namespace nm::traffic
