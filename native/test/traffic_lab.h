// Rings, frames and fields for tests of generator and sink.
#pragma once

#include <vector>

#include "../traffic/filler.h"
#include "../traffic/receiver.h"
#include "check.h"
#include "packets.h"
#include "port.h"

namespace nm {
namespace tr = traffic;

inline uint64_t offset_of(const TestPort& port, netmap_ring* ring) {
  return static_cast<uint64_t>(reinterpret_cast<uint8_t*>(ring) - port.mapping->base());
}

inline tr::TxRing tx_ring(const TestPort& port, bool keeps, uint32_t index = 0) {
  tr::TxRing ring;
  CHECK(ring.bind(*port.mapping, offset_of(port, port.tx(index)), keeps));
  ring.head = port.tx(index)->head;
  return ring;
}

inline std::vector<tr::RxRing> rx_rings(const TestPort& port) {
  std::vector<tr::RxRing> rings(1);
  CHECK(rings[0].ring.bind(*port.mapping, offset_of(port, port.rx())));
  rings[0].head = port.rx()->head;
  return rings;
}

inline tr::Spot spot(uint32_t at, uint8_t width, bool header, bool packet) {
  tr::Spot s;
  s.at = at;
  s.width = width;
  s.in_header = header;
  s.in_packet = packet;
  s.mask = width == 8 ? ~uint64_t{0} : (uint64_t{1} << (8 * width)) - 1;
  return s;
}

inline tr::FieldSpec range(uint64_t from, uint64_t count) {
  tr::FieldSpec f;
  f.from = from;
  f.count = count;
  return f;
}

// UDP in IPv4 with number (and time) at the places where the sink looks for them.
inline tr::FrameSet numbered_frames(uint32_t length, bool time) {
  std::vector<uint8_t> frame = udp_frame(length);
  put16(&frame[42], time ? tr::Marker::kTime : tr::Marker::kStream);
  put32(&frame[44], 0);
  put32(&frame[48], 7);
  fix_checksums(&frame);
  tr::FrameSet frames;
  CHECK(frames.add(frame.data(), length, 24, 40, true,
                   {spot(44, 4, false, true), time ? spot(52, 8, false, true) : tr::Spot()}));
  return frames;
}

inline std::vector<tr::FieldSpec> numbered_fields() {
  tr::FieldSpec time;
  time.kind = tr::FieldKind::kTime;
  return {range(0, uint64_t{1} << 32), time};
}

}  // namespace nm
