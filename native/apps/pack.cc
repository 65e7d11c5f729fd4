#include "pack.h"

#include <algorithm>
#include <cstring>

namespace nm {
namespace {

constexpr size_t kClassicHeader = 16;
constexpr size_t kNgHeader = 28, kNgTrailer = 4;
constexpr uint32_t kEnhancedPacket = 6;

// Captures are written in little-endian order, whatever the host's.
void put32(uint8_t* at, uint32_t value) {
  const uint8_t bytes[4] = {static_cast<uint8_t>(value), static_cast<uint8_t>(value >> 8),
                            static_cast<uint8_t>(value >> 16), static_cast<uint8_t>(value >> 24)};
  std::memcpy(at, bytes, 4);
}

// The fields of a record that are the same for a whole batch.
class Recorder {
 public:
  explicit Recorder(const RecordOptions& options)
      : ng_(options.format == RecordFormat::kNg), interface_(options.interface) {
    if (ng_) {
      const uint64_t time = options.seconds * 1000000000 + options.nanoseconds;
      time_[0] = static_cast<uint32_t>(time >> 32);
      time_[1] = static_cast<uint32_t>(time);
    } else {
      time_[0] = static_cast<uint32_t>(options.seconds);
      time_[1] = options.format == RecordFormat::kMicroseconds ? options.nanoseconds / 1000 : options.nanoseconds;
    }
  }

  size_t size(size_t kept) const { return ng_ ? kNgHeader + padded(kept) + kNgTrailer : kClassicHeader + kept; }
  // Most bytes of a packet whose record fits into `room`.
  size_t most(size_t room) const {
    const size_t frame = size(0);
    return room < frame ? 0 : ng_ ? (room - frame) & ~size_t{3} : room - frame;
  }
  size_t header() const { return ng_ ? kNgHeader : kClassicHeader; }

  // Everything but the packet's bytes.
  void write(uint8_t* out, uint32_t kept, uint32_t length) const {
    uint8_t* at = out;
    if (ng_) {
      const auto total = static_cast<uint32_t>(size(kept));
      put32(at, kEnhancedPacket);
      put32(at + 4, total);
      put32(at + 8, interface_);
      at += 12;
      std::memset(out + kNgHeader + kept, 0, padded(kept) - kept);
      put32(out + total - kNgTrailer, total);
    }
    put32(at, time_[0]);
    put32(at + 4, time_[1]);
    put32(at + 8, kept);
    put32(at + 12, length);
  }

 private:
  static size_t padded(size_t length) { return (length + 3) & ~size_t{3}; }

  bool ng_;
  uint32_t interface_;
  uint32_t time_[2];
};

// Copies up to `kept` bytes of a frame of `n` slots. Returns how many there really were: a peer may have changed
// lengths.
uint32_t copy_out(const RingSpan& from, uint32_t i, uint32_t n, uint8_t* out, uint32_t kept) {
  uint32_t done = 0;
  for (uint32_t k = 0; k < n && done < kept; ++k, i = from.next(i)) {
    const Bytes piece = from.bytes(from.read(i));
    const uint32_t length = std::min(piece.length, kept - done);
    if (length > 0) std::memcpy(out + done, piece.data, length);
    done += length;
  }
  return done;
}

}  // namespace

Packed pack(const RingSpan& from, uint8_t* out, size_t size, size_t at, const RecordOptions& options, uint32_t most,
            const uint8_t* verdicts) {
  Packed packed;
  if (at > size) return packed;
  const Recorder recorder(options);
  const size_t fits = recorder.most(size);
  uint32_t i = from.head;
  while (packed.taken < from.count && packed.frames < most) {
    const uint32_t n = from.frame_slots(i, from.count - packed.taken);
    if (n == 0) break;
    if (verdicts && verdicts[packed.taken] == 0) {
      ++packed.refused;
    } else {
      uint32_t length = 0;
      for (uint32_t k = 0, s = i; k < n; ++k, s = from.next(s)) length += from.bytes(from.read(s)).length;
      const uint32_t wanted = static_cast<uint32_t>(std::min<size_t>({length, options.snaplen, fits}));
      if (recorder.size(wanted) > size - at - packed.written) {
        packed.full = true;
        break;
      }
      uint8_t* record = out + at + packed.written;
      const uint32_t kept = copy_out(from, i, n, record + recorder.header(), wanted);
      recorder.write(record, kept, length);
      packed.written += recorder.size(kept);
      packed.bytes += length;
      packed.cut += kept < length;
      ++packed.frames;
    }
    packed.taken += n;
    for (uint32_t k = 0; k < n; ++k) i = from.next(i);
  }
  return packed;
}

}  // namespace nm
