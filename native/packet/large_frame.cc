#include "large_frame.h"

#include <algorithm>
#include <cstring>

#include "bytes.h"
#include "checksum.h"

namespace nm {

namespace {

constexpr uint32_t kEthernet = 14, kVlanTag = 4, kIpv4 = 20, kIpv6 = 40, kTcp = 20, kUdp = 8;
constexpr uint16_t kTypeVlan = 0x8100, kTypeIpv4 = 0x0800, kTypeIpv6 = 0x86dd;
constexpr uint8_t kProtocolTcp = 6, kProtocolUdp = 17;
constexpr uint8_t kFin = 1, kPush = 8;

}  // namespace

bool LargeFrame::begin(const VnetHeader& header, const Piece* pieces, uint32_t count, uint32_t length, uint32_t most) {
  const uint32_t available = PieceReader(pieces, count).read(headers_, std::min(length, kMostHeaders));
  // What is not UDP is TCP; which IP it is the frame itself says.
  const uint8_t type = header.large_type & static_cast<uint8_t>(~VnetHeader::kEcn);
  if (!read_headers(type != VnetHeader::kUdp, available)) return false;
  if (most <= size_ || length <= size_) return false;
  reader_ = PieceReader(pieces, count);
  reader_.skip(size_);
  room_ = most - size_;
  left_ = length - size_;
  segments_ = (left_ + room_ - 1) / room_;
  written_ = done_ = 0;
  return true;
}

bool LargeFrame::read_headers(bool tcp, uint32_t available) {
  ip_ = kEthernet;
  while (ip_ <= available && load16(headers_ + ip_ - 2) == kTypeVlan) ip_ += kVlanTag;
  if (ip_ > available) return false;
  const uint32_t type = load16(headers_ + ip_ - 2);
  const uint8_t* ip = headers_ + ip_;
  ipv6_ = type == kTypeIpv6;
  if (type == kTypeIpv4 && available >= ip_ + kIpv4) {
    const uint32_t size = 4 * (ip[0] & 15u);
    if (size < kIpv4) return false;
    transport_ = ip_ + size;
  } else if (ipv6_ && available >= ip_ + kIpv6) {
    transport_ = ip_ + kIpv6;
  } else {
    return false;
  }
  tcp_ = tcp;
  size_ = transport_ + (tcp ? kTcp : kUdp);
  if (available < size_) return false;
  const uint8_t protocol = ipv6_ ? ip[6] : ip[9];
  if (protocol != (tcp ? kProtocolTcp : kProtocolUdp)) return false;
  if (tcp) {
    const uint32_t size = 4 * (headers_[transport_ + 12] >> 4u);
    if (size < kTcp) return false;
    size_ = transport_ + size;
    if (available < size_) return false;
  }
  addresses_sum_ = ipv6_ ? internet_sum(ip + 8, 32, protocol) : internet_sum(ip + 12, 8, protocol);
  return true;
}

uint32_t LargeFrame::write(uint8_t* to) {
  const uint32_t data = std::min(left_, room_);
  std::memcpy(to, headers_, size_);
  reader_.read(to + size_, data);
  const bool last = data == left_;
  uint8_t* ip = to + ip_;
  uint8_t* transport = to + transport_;
  const uint32_t transport_size = size_ - transport_ + data;
  if (ipv6_) {
    store16(ip + 4, transport_size);
  } else {
    store16(ip + 2, size_ - ip_ + data);
    store16(ip + 4, load16(headers_ + ip_ + 4) + written_);  // each has an identification of its own
    store16(ip + 10, 0);
    store16(ip + 10, static_cast<uint16_t>(~internet_sum(ip, transport_ - ip_, 0)));
  }
  if (tcp_) {
    store32(transport + 4, load32(headers_ + transport_ + 4) + done_);
    if (!last) transport[13] &= static_cast<uint8_t>(~(kFin | kPush));
  } else {
    store16(transport + 4, transport_size);
  }
  uint8_t* check = transport + (tcp_ ? 16 : 6);
  store16(check, 0);
  RunningSum sum(addresses_sum_ + transport_size);
  sum.add(transport, transport_size);
  store16(check, sum.checksum());
  left_ -= data;
  done_ += data;
  ++written_;
  return size_ + data;
}

}  // namespace nm
