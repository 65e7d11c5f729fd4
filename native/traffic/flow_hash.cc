#include "flow_hash.h"

#include "headers.h"
#include "random.h"

namespace nm::traffic {
namespace {

// Sums of hashes do not depend on the order: both directions come to the same.
uint32_t both(uint64_t a, uint64_t b, uint64_t kind) {
  return static_cast<uint32_t>(Random::hash(Random::hash(a) + Random::hash(b) + kind) >> 32);
}

}  // namespace

uint32_t flow_hash(const uint8_t* frame, uint32_t length) {
  Headers h;
  h.parse(frame, length);
  if (h.network == 0) return length < 14 ? 0 : both(load48(frame), load48(frame + 6), h.ether_type);
  const uint8_t* ip = frame + h.network;
  const bool ports = h.has_ports() && !h.fragment;
  const uint64_t from = ports ? load16(frame + h.transport) : 0, to = ports ? load16(frame + h.transport + 2) : 0;
  if (h.is_ipv4()) {
    return both(static_cast<uint64_t>(load32(ip + 12)) << 16 | from, static_cast<uint64_t>(load32(ip + 16)) << 16 | to,
                h.protocol);
  }
  return both(Random::hash(load64(ip + 8)) ^ load64(ip + 16) ^ from << 48,
              Random::hash(load64(ip + 24)) ^ load64(ip + 32) ^ to << 48, h.protocol);
}

}  // namespace nm::traffic
