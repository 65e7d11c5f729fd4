// A TCP or UDP frame that is too long for the wire, on its way to becoming several (segmentation offload, in software).
#pragma once

#include "pieces.h"
#include "vnet_header.h"

namespace nm {

class LargeFrame {
 public:
  // Ethernet (with any VLAN tags), IPv4 with options or IPv6, TCP with options or UDP.
  static constexpr uint32_t kMostHeaders = 256;

  // Looks at the headers of a frame of `length` bytes. False when they make no sense, are longer than kMostHeaders,
  // leave no room in segments of `most` bytes, or when nothing comes after them.
  bool begin(const VnetHeader& header, const Piece* pieces, uint32_t count, uint32_t length, uint32_t most);

  // How many segments it becomes.
  uint32_t segments() const { return segments_; }

  // Writes the next segment, headers and checksums included, and returns its length: `most` but for the last one.
  uint32_t write(uint8_t* to);

 private:
  bool read_headers(bool tcp, uint32_t available);

  uint8_t headers_[kMostHeaders];  // a copy of our own: the frame may change under our hands
  PieceReader reader_{nullptr, 0};
  uint32_t ip_ = 0, transport_ = 0, size_ = 0;  // where they begin, and how long all headers are
  bool ipv6_ = false, tcp_ = false;
  uint32_t addresses_sum_ = 0;  // of the pseudo header
  uint32_t room_ = 0;           // for data, per segment
  uint32_t segments_ = 0, written_ = 0;
  uint32_t left_ = 0, done_ = 0;  // bytes of data
};

}  // namespace nm
