#include "match.h"

#include "frame_set.h"

namespace nm::traffic {
namespace {

// Where the header that a test is about begins and ends; false when there is none.
bool find(const Headers& h, Base base, uint32_t* begin, uint32_t* end) {
  *end = h.end;
  const bool transport = h.transport != 0;
  switch (base) {
    case Base::kFrame:
      *begin = 0;
      *end = h.length;
      return h.ether_type != 0;
    case Base::kVlan:
      *begin = 14;
      *end = h.length;
      return h.vlans > 0;
    case Base::kIpv4:
      *begin = h.network;
      return h.is_ipv4();
    case Base::kIpv6:
      *begin = h.network;
      return h.is_ipv6();
    case Base::kUdp:
      *begin = h.transport;
      return transport && h.protocol == 17;
    case Base::kTcp:
      *begin = h.transport;
      return transport && h.protocol == 6;
    case Base::kIcmp:
      *begin = h.transport;
      return transport && (h.protocol == 1 || h.protocol == 58);
    case Base::kPorts:
      *begin = h.transport;
      return h.has_ports();
    default:
      return false;
  }
}

bool value_of(const Headers& h, const Test& test, uint64_t* value) {
  switch (test.base) {
    case Base::kLength:
      *value = h.length;
      return true;
    case Base::kEtherType:
      *value = h.ether_type;
      return h.ether_type != 0;
    case Base::kProtocol:
      *value = h.protocol;
      return h.network != 0;
    default:
      break;
  }
  uint32_t begin, end;
  if (!find(h, test.base, &begin, &end)) return false;
  if (end - begin < test.offset || end - begin - test.offset < test.width) return false;
  *value = load(h.frame + begin + test.offset, test.width) >> test.shift & test.mask;
  return true;
}

bool among(const std::vector<std::pair<uint64_t, uint64_t>>& ranges, uint64_t value) {
  for (const auto& [first, last] : ranges) {
    if (value >= first && value <= last) return true;
  }
  return false;
}

}  // namespace

bool Match::holds(const Headers& headers) const {
  for (const Test& test : tests_) {
    uint64_t value;
    if (!value_of(headers, test, &value) || among(test.ranges, value) == test.negated) return false;
  }
  return true;
}

}  // namespace nm::traffic
