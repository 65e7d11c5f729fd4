// Packets and bytes by protocol, and packets by length.
#pragma once

#include <cstdint>

#include "headers.h"

namespace nm::traffic {

class Protocols {
 public:
  struct Count {
    uint64_t packets = 0;
    uint64_t bytes = 0;
  };
  // IPv4 and IPv6 by protocol number, then the rest.
  static constexpr uint32_t kIpv6 = 256, kArp = 512, kOther = 513, kCount = 514;
  // Lengths with CRC as RMON (RFC 2819) divides them: up to 64, 127, 255, 511, 1023, 1518, and above.
  static constexpr uint32_t kSizes = 7;

  void add(const Headers& h) {
    Count& count = counts_[index(h)];
    ++count.packets;
    count.bytes += h.length;
    Count& size = sizes_[size_class(h.length + 4)];
    ++size.packets;
    size.bytes += h.length;
  }
  const Count& count(uint32_t index) const { return counts_[index]; }
  const Count& size(uint32_t index) const { return sizes_[index]; }

 private:
  static uint32_t index(const Headers& h) {
    if (h.network != 0) return (h.ether_type == 0x86dd ? kIpv6 : 0) + h.protocol;
    return h.ether_type == 0x0806 ? kArp : kOther;
  }
  static uint32_t size_class(uint32_t length) {
    if (length <= 64) return 0;
    if (length > 1518) return 6;
    if (length >= 1024) return 5;
    return 26 - static_cast<uint32_t>(__builtin_clz(length));
  }

  Count counts_[kCount];
  Count sizes_[kSizes];
};

}  // namespace nm::traffic
