#include "ecn.h"

#include "../packet/checksum.h"
#include "flow_key.h"

namespace nm::emulator {

bool mark_congestion(uint8_t* frame, uint32_t length) {
  const IpHeader found = IpHeader::find(frame, length);
  uint8_t* ip = frame + found.offset;
  if (found.version == 4) {
    const uint8_t bits = ip[1] & 3;
    if (bits == 0) return false;
    if (bits == 3) return true;
    const uint32_t before = load16(ip);  // version, length and type of service
    store16(ip, before | 3);
    store16(ip + 10, updated_checksum(load16(ip + 10), before, before | 3));
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
