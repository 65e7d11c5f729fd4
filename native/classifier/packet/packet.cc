#include "packet.h"

#include <algorithm>

namespace nm::classifier {
namespace {

constexpr uint32_t kEthernetHeader = 14;
constexpr uint32_t kMostTags = 8;
constexpr uint32_t kMostExtensions = 16;
constexpr uint32_t kMaxOffset = 0xffff;

bool is_tag(uint32_t type) {
  return type == 0x8100 || type == 0x88a8 || type == 0x9100;
}

// The transport header at packet.l4, of the first or only fragment.
void parse_transport(Packet& packet) {
  const uint8_t* at = packet.data() + packet.l4;
  const uint32_t here = packet.end - packet.l4;
  uint32_t* words = packet.words;
  auto ports = [&](uint32_t header) {
    if (here < header) {
      words[kShape] |= shape::kMalformed;
      return false;
    }
    words[kPorts] = load32(at);
    words[kShape] |= shape::kPorts;
    return true;
  };
  switch (packet.protocol()) {
    case kProtocolTcp:
      if (!ports(20)) return;
      words[kTcp] = load16(at + 14) << 16 | at[13];
      words[kShape] |= shape::kTcp;
      if ((at[12] >> 4) < 5) words[kShape] |= shape::kMalformed;
      return;
    case kProtocolUdp:
    case kProtocolUdpLite:
      ports(8);
      return;
    case kProtocolSctp:
      ports(12);
      return;
    case kProtocolIcmp:
    case kProtocolIcmp6: {
      const bool four = packet.has(shape::kIp4);
      if (four != (packet.protocol() == kProtocolIcmp)) return;
      if (here < 4) {
        words[kShape] |= shape::kMalformed;
        return;
      }
      words[kId] |= load16(at);
      words[kShape] |= four ? shape::kIcmp4 : shape::kIcmp6;
      return;
    }
    default:
      return;
  }
}

void parse4(Packet& packet, uint32_t present) {
  const uint8_t* at = packet.data() + packet.l3;
  uint32_t* words = packet.words;
  const uint32_t here = present - packet.l3;
  const uint32_t header = here < 20 ? 0 : (at[0] & 15u) * 4;
  if (header < 20 || at[0] >> 4 != 4 || header > here) {
    words[kShape] |= shape::kMalformed;
    return;
  }
  // 0 is what segmentation offload leaves: the length is the frame's.
  const uint32_t said = load16(at + 2);
  const uint32_t total = said != 0 ? said : std::min(packet.frame->length - packet.l3, 0xffffu);
  const uint32_t fragment = load16(at + 6);
  words[kShape] |= shape::kIp | shape::kIp4;
  words[kSrc4] = load32(at + 12);
  words[kDst4] = load32(at + 16);
  words[kIp] = 4u << 24 | static_cast<uint32_t>(at[8]) << 16 | static_cast<uint32_t>(at[1]) << 8 | at[9];
  words[kLength] = total << 16 | fragment;
  words[kId] = load16(at + 4) << 16;
  packet.l4 = static_cast<uint16_t>(packet.l3 + header);
  packet.end = packet.l3 + std::min(here, total);
  if (total < header || total > packet.frame->length - packet.l3) words[kShape] |= shape::kMalformed;
  if (packet.end < packet.l4) packet.end = packet.l4;
  if ((fragment & 0x3fff) != 0) words[kShape] |= shape::kFragment;
  if ((fragment & 0x1fff) != 0) {
    words[kShape] |= shape::kLater;
    // Its only use is to overwrite the flags of the first one.
    if ((fragment & 0x1fff) == 1 && at[9] == kProtocolTcp) words[kShape] |= shape::kMalformed;
    return;
  }
  parse_transport(packet);
}

// Walks the extension headers. False when the transport header is not here: it is in another fragment, encrypted or
// cut.
bool skip_extensions(Packet& packet, uint32_t next) {
  uint32_t* words = packet.words;
  for (uint32_t n = 0; n < kMostExtensions; ++n) {
    const uint8_t* at = packet.data() + packet.l4;
    const uint32_t here = packet.end - packet.l4;
    uint32_t size;
    switch (next) {
      case 0:
        words[kShape] |= shape::kHopByHop;
        break;
      case 43:
        words[kShape] |= shape::kRouting;
        if (here >= 4 && at[2] == 0) words[kShape] |= shape::kRouting0;
        if (here >= 4 && at[2] == 2) words[kShape] |= shape::kRouting2;
        break;
      case 44:
        words[kShape] |= shape::kFragmentHeader | shape::kFragment;
        break;
      case 51:
        words[kShape] |= shape::kAh;
        break;
      case 60:
        words[kShape] |= shape::kDestination;
        break;
      case 50:
        words[kShape] |= shape::kEsp;
        return false;
      default:
        return true;
    }
    if (here < 8) break;
    size = next == 44 ? 8 : next == 51 ? (at[1] + 2u) * 4 : (at[1] + 1u) * 8;
    if (size > here || packet.l4 + size > kMaxOffset) break;
    const uint32_t offset = next == 44 ? load16(at + 2) & 0xfff8 : 0;
    next = at[0];
    packet.l4 = static_cast<uint16_t>(packet.l4 + size);
    words[kIp] = (words[kIp] & ~0xffu) | next;
    if (offset != 0) {
      words[kShape] |= shape::kLater;
      if (offset == 8 && next == kProtocolTcp) words[kShape] |= shape::kMalformed;
      return false;
    }
  }
  words[kShape] |= shape::kMalformed;
  return false;
}

void parse6(Packet& packet, uint32_t present) {
  const uint8_t* at = packet.data() + packet.l3;
  uint32_t* words = packet.words;
  const uint32_t here = present - packet.l3;
  if (here < 40 || at[0] >> 4 != 6) {
    words[kShape] |= shape::kMalformed;
    return;
  }
  const uint32_t payload = load16(at + 4);
  // 0: a jumbogram, or segmentation offload.
  const uint32_t total = payload != 0 ? 40 + payload : std::min(packet.frame->length - packet.l3, 0xffffu);
  words[kShape] |= shape::kIp | shape::kIp6;
  words[kIp] = 6u << 24 | static_cast<uint32_t>(at[7]) << 16 | (load16(at) >> 4 & 0xff) << 8 | at[6];
  words[kLength] = std::min(total, 0xffffu) << 16;
  packet.l4 = static_cast<uint16_t>(packet.l3 + 40);
  packet.end = packet.l3 + std::min(here, total);
  if (total > packet.frame->length - packet.l3) words[kShape] |= shape::kMalformed;
  if (skip_extensions(packet, at[6])) parse_transport(packet);
}

}  // namespace

void parse(const Frame& frame, const Path& path, Packet& packet) {
  const uint8_t* data = frame.data;
  const uint32_t present = std::min(frame.present, frame.length);
  for (uint32_t& word : packet.words) word = 0;
  uint32_t* words = packet.words;
  packet.frame = &frame;
  packet.l3 = 0;
  packet.l4 = 0;
  packet.end = 0;
  words[kPath] = static_cast<uint32_t>(path.recv) << 16 | path.xmit;
  words[kShape] = (path.direction == Direction::kOut ? shape::kOut : 0) | (path.recv != 0 ? shape::kRecv : 0) |
                  (path.xmit != 0 ? shape::kXmit : 0);
  if (present < kEthernetHeader) {
    words[kShape] |= shape::kMalformed;
    return;
  }
  words[kShape] |= shape::kEthernet;
  uint32_t type = load16(data + 12);
  uint32_t offset = kEthernetHeader;
  words[kEther] = type << 16;
  for (uint32_t tags = 0; is_tag(type); ++tags) {
    if (offset + 4 > present || tags == kMostTags) {
      words[kShape] |= shape::kMalformed;
      break;
    }
    const uint32_t tag = load16(data + offset);
    if (tags == 0) words[kVlan] = tag << 16;
    if (tags == 1) words[kVlan] |= tag;
    words[kShape] |= tags == 0 ? shape::kTagged : shape::kTagged2;
    type = load16(data + offset + 2);
    offset += 4;
  }
  words[kEther] |= type;
  packet.l3 = static_cast<uint16_t>(offset);
  if (type == 0x0800) parse4(packet, present);
  if (type == 0x86dd) parse6(packet, present);
}

}  // namespace nm::classifier
