#include "derived.h"

#include <algorithm>

namespace nm::classifier {
namespace {

struct TcpOptions {
  uint32_t bits = 0;
  bool has_mss = false;
  uint32_t mss = 0;
};

// Options are kind, length, data; kinds 0 (end) and 1 (padding) are a single byte.
TcpOptions tcp_options(const Packet& packet) {
  TcpOptions out;
  const uint8_t* tcp = packet.data() + packet.l4;
  const uint32_t here = packet.end - packet.l4;
  const uint32_t end = std::min((tcp[12] >> 4) * 4u, here);
  for (uint32_t at = 20; at < end;) {
    const uint32_t kind = tcp[at];
    if (kind == 0) break;
    if (kind == 1) {
      ++at;
      continue;
    }
    if (at + 2 > end) break;
    const uint32_t size = tcp[at + 1];
    if (size < 2 || at + size > end) break;
    switch (kind) {
      case 2:
        out.bits |= 1;
        if (size == 4) {
          out.has_mss = true;
          out.mss = load16(tcp + at + 2);
        }
        break;
      case 3:
        out.bits |= 2;
        break;
      case 4:
      case 5:
        out.bits |= 4;
        break;
      case 8:
        out.bits |= 8;
        break;
      case 11:
      case 12:
      case 13:
        out.bits |= 16;
        break;
      default:
        break;
    }
    at += size;
  }
  return out;
}

uint32_t ip_options(const Packet& packet) {
  uint32_t bits = 0;
  const uint8_t* ip = packet.data() + packet.l3;
  const uint32_t end = packet.l4 - packet.l3;
  for (uint32_t at = 20; at < end;) {
    const uint32_t kind = ip[at];
    if (kind == 0) break;
    if (kind == 1) {
      ++at;
      continue;
    }
    if (at + 2 > end) break;
    const uint32_t size = ip[at + 1];
    if (size < 2 || at + size > end) break;
    bits |= kind == 131 ? 1 : kind == 137 ? 2 : kind == 7 ? 4 : kind == 68 ? 8 : 0;
    at += size;
  }
  return bits;
}

}  // namespace

bool derive(Derived what, const Packet& packet, uint32_t& out) {
  const uint8_t* l4 = packet.data() + packet.l4;
  switch (what) {
    case Derived::kTcpSequence:
      out = load32(l4 + 4);
      return true;
    case Derived::kTcpAcknowledgment:
      out = load32(l4 + 8);
      return true;
    case Derived::kTcpDataLength: {
      const uint32_t headers = packet.l4 - packet.l3 + (l4[12] >> 4) * 4u;
      const uint32_t total = packet.words[kLength] >> 16;
      if (headers > total) return false;
      out = total - headers;
      return true;
    }
    case Derived::kTcpOptions:
      out = tcp_options(packet).bits;
      return true;
    case Derived::kTcpMss: {
      const TcpOptions options = tcp_options(packet);
      out = options.mss;
      return options.has_mss;
    }
    case Derived::kIpOptions:
      out = ip_options(packet);
      return true;
    case Derived::kFlowLabel:
      out = load32(packet.data() + packet.l3) & 0xfffff;
      return true;
  }
  return false;
}

}  // namespace nm::classifier
