#include "ecn.h"

#include "flow_key.h"

namespace nm::emulator {

bool mark_congestion(uint8_t* frame, uint32_t length) {
  const IpHeader found = IpHeader::find(frame, length);
  uint8_t* ip = frame + found.offset;
  if (found.version == 4) {
    const uint8_t bits = ip[1] & 3;
    if (bits == 0) return false;
    if (bits == 3) return true;
    const uint32_t before = ip[1];
    ip[1] |= 3;
    // RFC 1624: HC' = ~(~HC + ~m + m'), m being the word of version, length and type of service.
    const uint32_t sum = ~(uint32_t{ip[10]} << 8 | ip[11]) & 0xffff;
    uint32_t next = sum + (~before & 0xffff) + ip[1];
    next = (next & 0xffff) + (next >> 16);
    next = (next & 0xffff) + (next >> 16);
    ip[10] = static_cast<uint8_t>(~next >> 8);
    ip[11] = static_cast<uint8_t>(~next);
    return true;
  }
  if (found.version == 6) {
    const uint8_t bits = (ip[1] >> 4) & 3;
    if (bits == 0) return false;
    ip[1] |= 0x30;
    return true;
  }
  return false;
}

}  // namespace nm::emulator
