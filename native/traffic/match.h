// Which packets are meant, by the values of header fields. All tests must hold.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "headers.h"

namespace nm::traffic {

// What a field's offset counts from; the test fails for a packet that has no such thing.
enum class Base : uint8_t {
  kFrame,
  kVlan,
  kIpv4,
  kIpv6,
  kUdp,
  kTcp,
  kIcmp,
  kPorts,
  kLength,
  kEtherType,
  kProtocol,
  kCount
};

struct Test {
  Base base = Base::kFrame;
  uint32_t offset = 0;
  uint8_t width = 1;  // bytes: 1, 2, 4, 6 or 8
  uint8_t shift = 0;  // of the field within them
  uint64_t mask = 0;  // of the field, after the shift
  bool negated = false;
  std::vector<std::pair<uint64_t, uint64_t>> ranges;  // first and last value, any of them
};

class Match {
 public:
  explicit Match(std::vector<Test> tests) : tests_(std::move(tests)) {}
  bool empty() const { return tests_.empty(); }
  bool holds(const Headers& headers) const;

 private:
  std::vector<Test> tests_;
};

}  // namespace nm::traffic
