#include "flows.h"

#include <algorithm>
#include <cstddef>

namespace nm::traffic {

bool FlowKey::read(const Headers& h) {
  if (h.network == 0) return false;
  const uint8_t* ip = h.frame + h.network;
  v6 = h.ether_type == 0x86dd;
  if (v6) {
    for (int k = 0; k < 4; ++k) address[k] = load64(ip + 8 + 8 * k);
  } else {
    address[0] = address[2] = 0;
    address[1] = load32(ip + 12);
    address[3] = load32(ip + 16);
  }
  protocol = h.protocol;
  ports = h.has_ports() ? load32(h.frame + h.transport) : 0;
  return true;
}

uint64_t FlowKey::hash() const {
  uint64_t x = (address[1] << 32 ^ address[3]) + (static_cast<uint64_t>(ports) << 8 | protocol) * 0x9e3779b97f4a7c15;
  if (v6) x ^= Random::hash(address[0] ^ Random::hash(address[1] ^ Random::hash(address[2])));
  return Random::hash(x);
}

Flows::Flows(uint32_t most) : most_(most) {
  uint64_t size = 64;
  while (size < 2 * static_cast<uint64_t>(most)) size *= 2;
  table_.resize(size);
  mask_ = size - 1;
}

void Flows::add(const Headers& headers) {
  FlowKey key;
  if (key.read(headers)) {
    for (uint64_t i = key.hash() & mask_;; i = (i + 1) & mask_) {
      Entry& entry = table_[i];
      if (entry.packets == 0) {
        if (size_ == most_) break;
        ++size_;
        entry.key = key;
      } else if (!(entry.key == key)) {
        continue;
      }
      ++entry.packets;
      entry.bytes += headers.length;
      return;
    }
  }
  ++others_.packets;
  others_.bytes += headers.length;
}

std::vector<Flows::Entry> Flows::top(uint32_t most) const {
  std::vector<Entry> all;
  all.reserve(size_);
  for (const Entry& entry : table_) {
    if (entry.packets) all.push_back(entry);
  }
  const auto larger = [](const Entry& a, const Entry& b) {
    return a.packets != b.packets ? a.packets > b.packets : a.bytes > b.bytes;
  };
  const size_t kept = std::min<size_t>(most, all.size());
  std::partial_sort(all.begin(), all.begin() + static_cast<ptrdiff_t>(kept), all.end(), larger);
  all.resize(kept);
  return all;
}

}  // namespace nm::traffic
