#include "offload.h"

#include <cstring>

#include "../packet/checksum.h"
#include "../packet/large_frame.h"
#include "../packet/vnet_header.h"

namespace nm::runner {
namespace {

constexpr uint32_t kSegment = 1514;  // longest frame that a large one becomes, as on a switch
constexpr size_t kChunk = 64;        // frames

// One that does not lie within the frame is left as it is, as on a switch.
void complete_checksum(const VnetHeader& header, uint8_t* frame, uint32_t length) {
  const uint32_t field = uint32_t{header.checksum_start} + header.checksum_offset;
  if (!(header.flags & VnetHeader::kNeedsChecksum) || field + 2 > length) return;
  RunningSum sum;
  sum.add(frame + header.checksum_start, length - header.checksum_start);
  const uint16_t checksum = sum.checksum();
  frame[field] = static_cast<uint8_t>(checksum >> 8);
  frame[field + 1] = static_cast<uint8_t>(checksum);
}

}  // namespace

bool Offload::unpack(uint8_t* data, uint32_t length, uint32_t header_size, std::vector<classifier::Frame>* out) {
  if (length <= header_size) return false;
  const VnetHeader header = VnetHeader::read(data);
  uint8_t* frame = data + header_size;
  length -= header_size;
  if (header.flags == 0 && header.large_type == VnetHeader::kNotLarge) {
    out->push_back({frame, length, length});
    return true;
  }
  if (!header.sane()) return false;
  if (header.large_type == VnetHeader::kNotLarge) {
    complete_checksum(header, frame, length);
    std::memset(data, 0, header_size);
    out->push_back({frame, length, length});
    return true;
  }
  const Piece piece = {frame, length};
  LargeFrame large;
  if (!large.begin(header, &piece, 1, length, kSegment)) return false;
  for (uint32_t k = large.segments(); k > 0; --k) {
    uint8_t* segment = take();
    const uint32_t size = large.write(segment);
    out->push_back({segment, size, size});
  }
  return true;
}

uint8_t* Offload::take() {
  if (used_ == kChunk) {
    ++chunk_;
    used_ = 0;
  }
  if (chunk_ == chunks_.size()) chunks_.push_back(std::make_unique<uint8_t[]>(kChunk * kSegment));
  return chunks_[chunk_].get() + kSegment * used_++;
}

}  // namespace nm::runner
