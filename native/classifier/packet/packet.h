// What rules look at: the headers of a frame, laid out as words so that most conditions are one comparison.
#pragma once

#include <cstdint>

#include "../../packet/bytes.h"
#include "../classifier.h"
#include "../table/u128.h"

namespace nm::classifier {

// What a frame has; a condition on anything else is false.
namespace shape {
constexpr uint32_t kEthernet = 1 << 0;  // 14 bytes of header
constexpr uint32_t kTagged = 1 << 1;    // at least one VLAN tag
constexpr uint32_t kTagged2 = 1 << 2;   // at least two
constexpr uint32_t kIp4 = 1 << 3;
constexpr uint32_t kIp6 = 1 << 4;
constexpr uint32_t kIp = 1 << 5;        // either
constexpr uint32_t kFragment = 1 << 6;  // any fragment
constexpr uint32_t kLater = 1 << 7;     // a fragment other than the first
constexpr uint32_t kPorts = 1 << 8;     // TCP, UDP, UDP-Lite or SCTP header, whole
constexpr uint32_t kTcp = 1 << 9;
constexpr uint32_t kIcmp4 = 1 << 10;
constexpr uint32_t kIcmp6 = 1 << 11;
constexpr uint32_t kMalformed = 1 << 12;  // a header is cut short or contradicts itself
constexpr uint32_t kOut = 1 << 13;
constexpr uint32_t kRecv = 1 << 14;  // there is a receiving port
constexpr uint32_t kXmit = 1 << 15;
// IPv6 extension headers.
constexpr uint32_t kHopByHop = 1 << 16;
constexpr uint32_t kRouting = 1 << 17;
constexpr uint32_t kRouting0 = 1 << 18;
constexpr uint32_t kRouting2 = 1 << 19;
constexpr uint32_t kFragmentHeader = 1 << 20;
constexpr uint32_t kDestination = 1 << 21;
constexpr uint32_t kAh = 1 << 22;
constexpr uint32_t kEsp = 1 << 23;
}  // namespace shape

enum Word : uint8_t {
  kShape,
  kEther,  // type at offset 12, type behind the VLAN tags
  kVlan,   // outer tag, inner tag: priority 3 bits, drop eligible 1, id 12
  kSrc4,
  kDst4,
  kPorts,   // source, destination
  kIp,      // version, TTL or hop limit, TOS or traffic class, protocol (8 bits each)
  kLength,  // of the IP packet; IPv4 flags and fragment offset
  kId,      // of the IPv4 packet; ICMP type and code
  kTcp,     // window; 8 bits of 0; flags
  kPath,    // receiving port, sending port
  kMark,
  kWords
};

constexpr uint8_t kProtocolIcmp = 1, kProtocolTcp = 6, kProtocolUdp = 17, kProtocolIcmp6 = 58, kProtocolSctp = 132,
                  kProtocolUdpLite = 136;

struct Packet {
  uint32_t words[kWords];
  uint16_t l3;   // offset of the IP header, where shape says that there is one
  uint16_t l4;   // offset of what it carries
  uint32_t end;  // of the bytes that belong to the IP packet and are here
  const Frame* frame;

  bool has(uint32_t needed) const { return (words[kShape] & needed) == needed; }
  uint8_t protocol() const { return static_cast<uint8_t>(words[kIp]); }
  const uint8_t* data() const { return frame->data; }
  // Only with shape::kIp6.
  U128 src6() const { return {load64(data() + l3 + 8), load64(data() + l3 + 16)}; }
  U128 dst6() const { return {load64(data() + l3 + 24), load64(data() + l3 + 32)}; }
  // Only with shape::kEthernet.
  uint64_t dst_mac() const { return load48(data()); }
  uint64_t src_mac() const { return load48(data() + 6); }
};

// `frame` must outlive `packet`. kMark is left at 0.
void parse(const Frame& frame, const Path& path, Packet& packet);

}  // namespace nm::classifier
