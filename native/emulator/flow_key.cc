#include "flow_key.h"

#include "../packet/bytes.h"

namespace nm::emulator {
namespace {

bool has_ports(uint8_t protocol) {
  return protocol == 6 || protocol == 17 || protocol == 132 || protocol == 33 || protocol == 136;
}

void read_ports(const uint8_t* frame, uint32_t length, uint32_t at, FlowKey* key) {
  if (!has_ports(key->protocol) || at + 4 > length) return;
  key->source_port = static_cast<uint16_t>(load16(frame + at));
  key->target_port = static_cast<uint16_t>(load16(frame + at + 2));
}

void read4(const uint8_t* frame, uint32_t length, uint32_t at, FlowKey* key) {
  const uint8_t* ip = frame + at;
  key->family = 4;
  key->protocol = ip[9];
  key->source4 = load32(ip + 12);
  key->target4 = load32(ip + 16);
  const uint32_t header = (ip[0] & 15u) * 4;
  const bool first = (load16(ip + 6) & 0x1fff) == 0;
  if (first && header >= 20) read_ports(frame, length, at + header, key);
}

void read6(const uint8_t* frame, uint32_t length, uint32_t at, FlowKey* key) {
  const uint8_t* ip = frame + at;
  key->family = 6;
  key->flow_label = load32(ip) & 0xfffff;
  for (int i = 0; i < 2; ++i) {
    key->source6[i] = load64(ip + 8 + 8 * i);
    key->target6[i] = load64(ip + 24 + 8 * i);
  }
  uint8_t next = ip[6];
  at += 40;
  for (int i = 0; i < 8 && at + 8 <= length; ++i) {  // extension headers; a chain has few
    if (next == 44) {
      const bool later = (load16(frame + at + 2) & 0xfff8) != 0;
      next = frame[at];
      if (later) {
        key->protocol = next;
        return;
      }
      at += 8;
    } else if (next == 51) {
      next = frame[at];
      at += (frame[at + 1] + 2u) * 4;
    } else if (next == 0 || next == 43 || next == 60 || next == 135) {
      next = frame[at];
      at += (frame[at + 1] + 1u) * 8;
    } else {
      break;
    }
  }
  key->protocol = next;
  read_ports(frame, length, at, key);
}

}  // namespace

IpHeader IpHeader::find(const uint8_t* frame, uint32_t length) {
  uint32_t at = 12;
  for (int tags = 0; tags < 4 && at + 2 <= length; ++tags) {
    const uint32_t type = load16(frame + at);
    if (type == 0x0800 && at + 22 <= length && frame[at + 2] >> 4 == 4) return {at + 2, 4};
    if (type == 0x86dd && at + 42 <= length && frame[at + 2] >> 4 == 6) return {at + 2, 6};
    if (type != 0x8100 && type != 0x88a8 && type != 0x9100) break;
    at += 4;
  }
  return {};
}

FlowKey FlowKey::read(const uint8_t* frame, uint32_t length) {
  FlowKey key;
  const IpHeader ip = IpHeader::find(frame, length);
  if (ip.version == 4) read4(frame, length, ip.offset, &key);
  if (ip.version == 6) read6(frame, length, ip.offset, &key);
  return key;
}

FlowKey FlowKey::masked(const FlowKey& mask) const {
  uint64_t mine[sizeof(FlowKey) / 8], bits[sizeof(FlowKey) / 8];
  std::memcpy(mine, this, sizeof mine);
  std::memcpy(bits, &mask, sizeof bits);
  for (size_t i = 0; i < sizeof(FlowKey) / 8; ++i) mine[i] &= bits[i];
  FlowKey result;
  std::memcpy(static_cast<void*>(&result), mine, sizeof mine);
  return result;
}

uint64_t FlowKey::hash(uint64_t salt) const {
  uint64_t words[sizeof(FlowKey) / 8], h = salt;
  std::memcpy(words, this, sizeof words);
  for (const uint64_t word : words) {
    const auto product = static_cast<unsigned __int128>(word ^ h ^ 0x9e3779b97f4a7c15) * 0xd6e8feb86659fd93;
    h = static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  }
  return h;
}

}  // namespace nm::emulator
