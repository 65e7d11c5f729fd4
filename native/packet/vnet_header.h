// The header that virtual machines put before their frames (virtio 1.0, 5.1.6): what is left to do before a frame may
// go out on a wire. Fields are little-endian.
#pragma once

#include <cstdint>
#include <cstring>

namespace nm {

struct VnetHeader {
  enum : uint8_t { kNeedsChecksum = 1, kChecksumValid = 2 };                      // flags
  enum : uint8_t { kNotLarge = 0, kTcp4 = 1, kUdp = 3, kTcp6 = 4, kEcn = 0x80 };  // large_type; kEcn may be added

  uint8_t flags;
  uint8_t large_type;
  uint16_t header_length;  // of a large frame: a hint
  uint16_t segment_size;
  uint16_t checksum_start;   // where summing begins, from the start of the frame
  uint16_t checksum_offset;  // where the checksum goes, from there

  // Ports have headers of 10 bytes, these fields, or of 12 with a number of buffers that is of no use here.
  static constexpr uint32_t kShort = 10, kLong = 12;

  static VnetHeader read(const uint8_t* from) {
    VnetHeader header;
    static_assert(sizeof header == kShort);
    std::memcpy(&header, from, sizeof header);
    return header;
  }

  bool sane() const {
    const uint8_t type = large_type & static_cast<uint8_t>(~kEcn);
    return (type == kNotLarge || type == kTcp4 || type == kUdp || type == kTcp6) &&
           !(flags & ~(kNeedsChecksum | kChecksumValid));
  }
};

}  // namespace nm
