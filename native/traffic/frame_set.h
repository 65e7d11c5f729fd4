// The frames that packets are copies of, and where in them fields and checksums lie. Knows no protocols: who makes the
// set tells which checksum covers which field.
#pragma once

#include <cstdint>
#include <vector>

#include "../packet/bytes.h"

namespace nm::traffic {

// Where a field lies in one frame.
struct Spot {
  uint32_t at = kNowhere;  // of its first byte
  uint8_t width = 0;       // bytes: 1, 2, 4, 6 or 8
  uint8_t shift = 0;       // bits below the field in those bytes
  bool in_header = false;  // covered by the first checksum of the frame (IPv4 header)
  bool in_packet = false;  // covered by the second one (UDP, TCP, ICMP)
  uint64_t mask = 0;       // of the field within its bytes
  uint64_t rest = 0;       // the other bits there
  static constexpr uint32_t kNowhere = UINT32_MAX;
};

struct Frame {
  std::vector<uint8_t> bytes;  // padded with zeros to a multiple of 64
  uint32_t length = 0;         // without padding
  uint32_t header_sum_at = 0;  // of the checksums, 0: there is none
  uint32_t packet_sum_at = 0;
  bool zero_is_ones = false;   // UDP: a second checksum of 0 is sent as 0xffff
  bool header_varies = false;  // some field is covered by it
  bool packet_varies = false;
  uint64_t header_base = 0;  // what the checksums cover beside the fields, as a sum
  uint64_t packet_base = 0;
  std::vector<Spot> spots;  // one for each field
};

// Ones' complement value of a field's bytes where they lie: at an odd offset the halves of words are swapped.
inline uint64_t contribution(uint64_t word, uint32_t at, uint32_t width) {
  return ((at + width) & 1) != 0 ? (word << 8) | (word >> 56) : word;
}

inline uint64_t load(const uint8_t* p, uint32_t width) {
  switch (width) {
    case 1:
      return *p;
    case 2:
      return load16(p);
    case 4:
      return load32(p);
    case 6:
      return load48(p);
    default:
      return load64(p);
  }
}

inline void store(uint8_t* p, uint32_t width, uint64_t value) {
  switch (width) {
    case 1:
      *p = static_cast<uint8_t>(value);
      break;
    case 2:
      store16(p, static_cast<uint32_t>(value));
      break;
    case 4:
      store32(p, static_cast<uint32_t>(value));
      break;
    case 6:
      store48(p, value);
      break;
    default:
      store64(p, value);
  }
}

class FrameSet {
 public:
  // False for a frame whose spots or checksums lie outside it.
  bool add(const uint8_t* bytes, uint32_t length, uint32_t header_sum_at, uint32_t packet_sum_at, bool zero_is_ones,
           std::vector<Spot> spots);
  // Which frame each packet is a copy of, in turn; without it, the first.
  bool set_order(std::vector<uint32_t> order);

  const std::vector<Frame>& frames() const { return frames_; }
  const std::vector<uint32_t>& order() const { return order_; }
  uint32_t longest() const { return longest_; }

 private:
  std::vector<Frame> frames_;
  std::vector<uint32_t> order_;
  uint32_t longest_ = 0;
};

}  // namespace nm::traffic
