// Turns received frames into the records of a capture file.
#pragma once

#include <cstddef>

#include "ring_span.h"

namespace nm {

enum class RecordFormat : uint32_t { kMicroseconds, kNanoseconds, kNg };  // classic pcap with either unit, pcapng

struct RecordOptions {
  RecordFormat format = RecordFormat::kNg;
  uint32_t snaplen = 0;    // bytes kept of a packet
  uint32_t interface = 0;  // of kNg
  uint64_t seconds = 0;    // when they arrived: since 1970
  uint32_t nanoseconds = 0;
};

struct Packed {
  uint32_t taken = 0;    // slots of the ring
  uint32_t frames = 0;   // in records
  uint32_t cut = 0;      // of them, longer than snaplen
  uint32_t refused = 0;  // taken but not recorded, by their verdict
  uint64_t bytes = 0;    // of the frames, before they were cut
  size_t written = 0;    // bytes of records
  bool full = false;     // the next record does not fit
};

// Writes a record for each whole frame of the span, `most` at most, into `out` from `at` on. `verdicts` as in
// forward.h. A frame that would not even fit into an empty `out` of `size` bytes is cut to what fits.
Packed pack(const RingSpan& from, uint8_t* out, size_t size, size_t at, const RecordOptions& options, uint32_t most,
            const uint8_t* verdicts = nullptr);

}  // namespace nm
