#include "dscp.h"

#include "../../packet/checksum.h"

namespace nm::classifier {

bool set_dscp(Packet& packet, uint32_t dscp) {
  if (!packet.has(shape::kIp)) return false;
  uint8_t* ip = packet.frame->data + packet.l3;
  const uint32_t before = load16(ip);
  const bool six = packet.has(shape::kIp6);
  // IPv4: version, length, then the byte. IPv6: version, the byte, the flow label's first bits.
  const int shift = six ? 6 : 2;
  const uint32_t after = (before & ~(0x3fu << shift)) | (dscp & 0x3f) << shift;
  if (after == before) return false;
  store16(ip, after);
  if (!six) store16(ip + 10, updated_checksum(load16(ip + 10), before, after));
  packet.words[kIp] = (packet.words[kIp] & ~0xfc00u) | (dscp & 0x3f) << 10;
  return true;
}

}  // namespace nm::classifier
