#include "frame_set.h"

#include <utility>

#include "../packet/checksum.h"

namespace nm::traffic {
namespace {

bool fits(const Spot& spot, uint32_t length) {
  if (spot.at == Spot::kNowhere) return true;
  switch (spot.width) {
    case 1:
    case 2:
    case 4:
    case 6:
    case 8:
      break;
    default:
      return false;
  }
  return spot.at < length && spot.width <= length - spot.at && spot.shift < 8 * spot.width;
}

// What a checksum covers without the fields: its complement, less what the fields hold now.
uint64_t base_of(const Frame& frame, uint32_t sum_at, bool Spot::* covers) {
  if (sum_at == 0) return 0;
  uint64_t sum = static_cast<uint16_t>(~load16(&frame.bytes[sum_at]));
  for (const Spot& spot : frame.spots) {
    if (spot.at == Spot::kNowhere || !(spot.*covers)) continue;
    const uint64_t word = load(&frame.bytes[spot.at], spot.width);
    sum += static_cast<uint16_t>(~fold(contribution(word, spot.at, spot.width)));
  }
  return fold(sum);
}

}  // namespace

bool FrameSet::add(const uint8_t* bytes, uint32_t length, uint32_t header_sum_at, uint32_t packet_sum_at,
                   bool zero_is_ones, std::vector<Spot> spots) {
  if (length == 0 || length > 0x400000) return false;
  for (uint32_t at : {header_sum_at, packet_sum_at}) {
    if (at != 0 && (at % 2 != 0 || at + 2 > length)) return false;
  }
  Frame frame;
  frame.bytes.assign((length + 63) / 64 * 64, 0);
  memcpy(frame.bytes.data(), bytes, length);
  frame.length = length;
  frame.header_sum_at = header_sum_at;
  frame.packet_sum_at = packet_sum_at;
  frame.zero_is_ones = zero_is_ones;
  for (Spot& spot : spots) {
    if (!fits(spot, length)) return false;
    if (spot.at == Spot::kNowhere) continue;
    const uint64_t all = spot.width == 8 ? ~uint64_t{0} : (uint64_t{1} << (8 * spot.width)) - 1;
    spot.mask &= all;
    frame.header_varies |= spot.in_header && header_sum_at != 0;
    frame.packet_varies |= spot.in_packet && packet_sum_at != 0;
    spot.rest = load(&frame.bytes[spot.at], spot.width) & ~spot.mask;
  }
  frame.spots = std::move(spots);
  frame.header_base = base_of(frame, header_sum_at, &Spot::in_header);
  frame.packet_base = base_of(frame, packet_sum_at, &Spot::in_packet);
  if (length > longest_) longest_ = length;
  frames_.push_back(std::move(frame));
  return true;
}

bool FrameSet::set_order(std::vector<uint32_t> order) {
  for (uint32_t index : order) {
    if (index >= frames_.size()) return false;
  }
  order_ = std::move(order);
  return true;
}

}  // namespace nm::traffic
