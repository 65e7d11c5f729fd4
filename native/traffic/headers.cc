#include "headers.h"

#include <algorithm>

namespace nm::traffic {
namespace {

bool is_tag(uint16_t type) {
  return type == 0x8100 || type == 0x88a8;
}

bool is_extension(uint8_t protocol) {
  switch (protocol) {
    case 0:    // hop-by-hop
    case 43:   // routing
    case 44:   // fragment
    case 51:   // authentication
    case 60:   // destination options
    case 135:  // mobility
    case 139:  // HIP
    case 140:  // shim6
      return true;
    default:
      return false;
  }
}

}  // namespace

void Headers::parse(const uint8_t* bytes, uint32_t size) {
  frame = bytes;
  length = size;
  ether_type = vlan = 0;
  vlans = protocol = 0;
  fragment = false;
  network = transport = 0;
  end = size;
  if (size < 14) return;
  uint32_t at = 14;
  uint16_t type = load16(bytes + 12);
  while (is_tag(type) && size - at >= 4) {
    if (vlans++ == 0) vlan = load16(bytes + at) & 0xfff;
    type = load16(bytes + at + 2);
    at += 4;
  }
  ether_type = type;
  if (type == 0x0800)
    parse_ipv4(at);
  else if (type == 0x86dd)
    parse_ipv6(at);
}

void Headers::parse_ipv4(uint32_t at) {
  if (length - at < 20) return;
  const uint8_t* ip = frame + at;
  const uint8_t first = ip[0];
  const uint32_t header = (first & 0x0f) * 4u, total = load16(ip + 2);
  if (first >> 4 != 4 || header < 20 || total < header || header > length - at) return;
  network = at;
  end = std::min(at + total, length);
  protocol = ip[9];
  const uint16_t part = load16(ip + 6);
  fragment = (part & 0x3fff) != 0;
  if ((part & 0x1fff) == 0) transport = at + header;
}

void Headers::parse_ipv6(uint32_t at) {
  if (length - at < 40) return;
  const uint8_t* ip = frame + at;
  if (ip[0] >> 4 != 6) return;
  network = at;
  end = std::min(at + 40 + load16(ip + 4), length);
  uint8_t next = ip[6];
  uint32_t here = at + 40;
  while (is_extension(next)) {
    if (end - here < 8) return;
    const uint8_t* header = frame + here;
    const uint32_t size = next == 44 ? 8 : next == 51 ? (header[1] + 2u) * 4 : (header[1] + 1u) * 8;
    if (size > end - here) return;
    const uint16_t part = next == 44 ? load16(header + 2) : 0;
    if ((part & 0xfff9) != 0) fragment = true;
    next = header[0];
    here += size;
    if (part >> 3 != 0) {  // a later fragment
      protocol = next;
      return;
    }
  }
  protocol = next;
  transport = here;
}

}  // namespace nm::traffic
