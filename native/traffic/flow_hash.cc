#include "flow_hash.h"

#include <algorithm>

#include "headers.h"

namespace nm::traffic {
namespace {

// Both halves of a product, as wyhash mixes (Wang Yi, 2019); any odd numbers with as many ones as zeros.
constexpr uint64_t kLow = 0x2d358dccaa6c78a5, kHigh = 0x8bb84b93962eacc9, kKind = 0x4b33a62ed433d4a3;

uint64_t mix(uint64_t a, uint64_t b) {
  const unsigned __int128 product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

// The smaller end first: both directions come to the same.
uint32_t both(uint64_t a, uint64_t b, uint64_t kind) {
  return static_cast<uint32_t>(mix(mix(std::min(a, b) ^ kLow, std::max(a, b) ^ kHigh) ^ kind, kKind) >> 32);
}

uint64_t end4(const uint8_t* address, uint64_t port) {
  return static_cast<uint64_t>(load32(address)) << 16 | port;
}

uint64_t end6(const uint8_t* address, uint64_t port) {
  return mix(load64(address) ^ kLow, load64(address + 8) ^ kKind) + port;
}

// TCP or UDP of a whole packet behind headers without tags or options, which most are. 0: something else.
uint8_t plain_protocol(const uint8_t* frame, uint32_t length) {
  constexpr uint32_t kIp = 14, kPorts = kIp + 20;
  if (length < kPorts + 4 || load16(frame + 12) != 0x0800 || frame[kIp] != 0x45) return 0;
  if (load16(frame + kIp + 2) < kPorts + 4 - kIp || (load16(frame + kIp + 6) & 0x3fff) != 0) return 0;
  const uint8_t protocol = frame[kIp + 9];
  return protocol == 6 || protocol == 17 ? protocol : 0;
}

}  // namespace

uint32_t flow_hash(const uint8_t* frame, uint32_t length) {
  if (const uint8_t protocol = plain_protocol(frame, length)) {
    return both(end4(frame + 26, load16(frame + 34)), end4(frame + 30, load16(frame + 36)), protocol);
  }
  Headers h;
  h.parse(frame, length);
  if (h.network == 0) return length < 14 ? 0 : both(load48(frame), load48(frame + 6), h.ether_type);
  const uint8_t* ip = frame + h.network;
  const bool ports = h.has_ports() && !h.fragment;
  const uint64_t from = ports ? load16(frame + h.transport) : 0, to = ports ? load16(frame + h.transport + 2) : 0;
  if (h.is_ipv4()) return both(end4(ip + 12, from), end4(ip + 16, to), h.protocol);
  return both(end6(ip + 8, from), end6(ip + 24, to), h.protocol);
}

}  // namespace nm::traffic
