// What generators write at the start of the payload of UDP, TCP and ICMP so that a sink can tell what is missing and
// how long it took. All in network order:
//
//   offset  bytes  field
//        0      2  magic: which of the following are there
//        2      4  number, counts up by one, wraps at 2^32
//        6      4  stream: tells generators apart
//       10      8  time of the sender's monotonic clock, in ns
#pragma once

#include "headers.h"

namespace nm::traffic {

struct Marker {
  static constexpr uint16_t kNumber = 0x6e6d, kStream = 0x6e73, kTime = 0x6e74;

  uint32_t number = 0;
  uint32_t stream = 0;
  int64_t time = 0;  // 0: there is none

  // False for a frame that carries none.
  bool read(const Headers& h) {
    if (h.transport == 0) return false;
    const uint8_t* p = h.frame + h.transport;
    const uint32_t left = h.end - h.transport;
    uint32_t header, size = left;
    switch (h.protocol) {
      case 17:
        if (left < 8) return false;
        header = 8;
        if (load16(p + 4) < size) size = load16(p + 4);
        break;
      case 6:
        if (left < 20) return false;
        header = (p[12] >> 4) * 4u;
        break;
      case 1:
      case 58:
        header = 8;
        break;
      default:
        return false;
    }
    if (size < header + 6) return false;
    p += header;
    size -= header;
    const uint16_t magic = load16(p);
    number = load32(p + 2);
    stream = 0;
    time = 0;
    if (magic == kNumber) return true;
    if ((magic != kStream && magic != kTime) || size < 10) return false;
    stream = load32(p + 6);
    if (magic == kStream) return true;
    if (size < 18) return false;
    time = static_cast<int64_t>(load64(p + 10));
    return true;
  }
};

}  // namespace nm::traffic
