#include "verify.h"

#include "../packet/checksum.h"

namespace nm::traffic {
namespace {

constexpr uint8_t kIcmp = 1, kTcp = 6, kUdp = 17, kIcmpv6 = 58;

// Sum of bytes with their pseudo header. `addresses`: host order sum of both.
Verdict verify_transport(const uint8_t* p, uint32_t length, uint8_t protocol, uint64_t addresses, bool v6) {
  uint32_t covered = length;
  uint64_t sum = addresses + network_order(uint16_t{protocol});
  switch (protocol) {
    case kUdp: {
      if (length < 8) return Verdict::kMalformed;
      covered = load16(p + 4);
      if (covered < 8 || covered > length) return Verdict::kMalformed;
      if (load16(p + 6) == 0) return v6 ? Verdict::kBad : Verdict::kNothing;
      break;
    }
    case kTcp:
      if (length < 20) return Verdict::kMalformed;
      break;
    case kIcmp:
      if (v6) return Verdict::kNothing;
      if (length < 4) return Verdict::kMalformed;
      return sums_up(sum_host(p, length)) ? Verdict::kGood : Verdict::kBad;
    case kIcmpv6:
      if (!v6) return Verdict::kNothing;
      if (length < 4) return Verdict::kMalformed;
      break;
    default:
      return Verdict::kNothing;
  }
  sum += network_order(static_cast<uint16_t>(covered));
  return sums_up(sum + sum_host(p, covered)) ? Verdict::kGood : Verdict::kBad;
}

}  // namespace

Verdict verify(const Headers& h) {
  if (h.ether_type != 0x0800 && h.ether_type != 0x86dd)
    return h.ether_type == 0 ? Verdict::kTruncated : Verdict::kNothing;
  const bool v6 = h.ether_type == 0x86dd;
  const uint32_t at = 14 + 4u * h.vlans, left = h.length - at;
  if (h.network == 0) return left < (v6 ? 40u : 20u) ? Verdict::kTruncated : Verdict::kMalformed;
  const uint8_t* ip = h.frame + h.network;
  const uint32_t size = v6 ? 40u + load16(ip + 4) : load16(ip + 2);
  if (size > left) return Verdict::kTruncated;
  uint64_t addresses;
  if (v6) {
    addresses = sum_host(ip + 8, 32);
  } else {
    const uint32_t header = (h.transport ? h.transport - h.network : (ip[0] & 0x0f) * 4u);
    if (header < 20 || header > h.length - h.network) return Verdict::kMalformed;
    addresses = sum_host(ip + 12, 8);
    const uint64_t sum = sum_host(ip, 12) + addresses + (header > 20 ? sum_host(ip + 20, header - 20) : 0);
    if (!sums_up(sum)) return Verdict::kBad;
  }
  if (h.transport == 0) return h.fragment ? Verdict::kNothing : Verdict::kMalformed;
  if (h.fragment || h.end < h.transport) return Verdict::kNothing;
  return verify_transport(h.frame + h.transport, h.end - h.transport, h.protocol, addresses, v6);
}

}  // namespace nm::traffic
