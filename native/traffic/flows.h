// Packets and bytes of each flow: addresses, protocol and ports.
#pragma once

#include <cstdint>
#include <vector>

#include "headers.h"
#include "random.h"

namespace nm::traffic {

struct FlowKey {
  uint64_t address[4] = {};  // source, destination; an IPv4 address in the low half of the second word of each
  uint32_t ports = 0;        // source, destination
  uint8_t protocol = 0;
  bool v6 = false;

  bool operator==(const FlowKey& other) const {
    return address[1] == other.address[1] && address[3] == other.address[3] && ports == other.ports &&
           protocol == other.protocol && v6 == other.v6 && address[0] == other.address[0] &&
           address[2] == other.address[2];
  }
  // False for what is no IP packet.
  bool read(const Headers& h);
  uint64_t hash() const;
};

class Flows {
 public:
  struct Entry {
    FlowKey key;
    uint64_t packets = 0;  // 0: free
    uint64_t bytes = 0;
  };

  // Follows `most` flows; packets of all others are counted together.
  explicit Flows(uint32_t most);

  void add(const Headers& headers);
  uint32_t size() const { return size_; }
  // Packets that belong to no flow, or to one beyond the limit.
  const Entry& others() const { return others_; }
  // The largest ones first, `most` of them.
  std::vector<Entry> top(uint32_t most) const;

 private:
  std::vector<Entry> table_;  // open addressing, at most half full
  uint64_t mask_;
  const uint32_t most_;
  uint32_t size_ = 0;
  Entry others_;
};

}  // namespace nm::traffic
