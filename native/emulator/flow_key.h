// What a packet belongs to: addresses, ports, protocol. And masks, which make one flow of many.
#pragma once

#include <cstdint>
#include <cstring>

namespace nm::emulator {

// All numbers in host order. Frames that carry no IP are all zero, so they form one flow. Ports are those of TCP, UDP,
// SCTP, DCCP and UDP-Lite in first fragments.
struct FlowKey {
  uint64_t source6[2] = {};
  uint64_t target6[2] = {};
  uint32_t source4 = 0;
  uint32_t target4 = 0;
  uint32_t flow_label = 0;
  uint16_t source_port = 0;
  uint16_t target_port = 0;
  uint16_t set = 0;  // number of the queue that the rule named, 0 for the pipe itself: `mask queue`
  uint8_t protocol = 0;
  uint8_t family = 0;  // 4, 6, or 0
  uint32_t padding = 0;

  static FlowKey read(const uint8_t* frame, uint32_t length);
  FlowKey masked(const FlowKey& mask) const;
  // So that IPv4 and IPv6 never mix, `family` is kept by every mask but the empty one.
  bool empty() const { return *this == FlowKey{}; }
  bool operator==(const FlowKey& other) const { return std::memcmp(this, &other, sizeof other) == 0; }
  bool operator!=(const FlowKey& other) const { return !(*this == other); }
  uint64_t hash(uint64_t salt) const;
};
static_assert(sizeof(FlowKey) == 56, "no hidden padding: keys are compared and hashed as bytes");

// The IP header of a frame, behind VLAN tags. `version` 0: there is none.
struct IpHeader {
  uint32_t offset = 0;
  uint8_t version = 0;

  static IpHeader find(const uint8_t* frame, uint32_t length);
};

}  // namespace nm::emulator
