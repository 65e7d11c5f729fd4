// Frames that tell on themselves: who sent them in which life, the how-manieth they are, and whether they are whole.
#pragma once

#include <time.h>

#include <cstring>

#include "port.h"
#include "random.h"

namespace nm {

struct FrameTag {
  uint32_t life, number;
};

constexpr uint32_t kShortestFrame = 64;

inline uint8_t frame_pattern(FrameTag tag, uint32_t i) {
  return static_cast<uint8_t>(tag.life * 31 + tag.number * 7 + i * 13 + (tag.number >> 8));
}

// Addresses are told by their last byte; 0xff as destination is broadcast.
inline void write_frame(uint8_t* b, uint32_t len, uint8_t to, uint8_t from, FrameTag tag) {
  std::memset(b, to == 0xff ? 0xff : 0, 6);
  if (to != 0xff) b[0] = 2;
  b[5] = to;
  std::memset(b + 6, 0, 10);
  b[6] = 2;
  b[11] = from;
  std::memcpy(b + 16, &tag, sizeof tag);
  for (uint32_t i = 24; i < len; ++i) b[i] = frame_pattern(tag, i);
}

inline bool read_frame(const uint8_t* b, uint32_t len, FrameTag* tag) {
  if (len < kShortestFrame) return false;
  std::memcpy(tag, b + 16, sizeof *tag);
  for (uint32_t i = 24; i < len; ++i) {
    if (b[i] != frame_pattern(*tag, i)) return false;
  }
  return true;
}

// Queues one frame of random length; the port has room.
inline void queue_frame(TestPort& port, uint8_t to, uint8_t from, FrameTag tag, Random& random) {
  netmap_ring* ring = port.tx();
  const uint32_t len = kShortestFrame + random.below(1400);
  write_frame(TestPort::buffer(ring, ring->head), len, to, from, tag);
  ring->slots()[ring->head].len = static_cast<uint16_t>(len);
  ring->slots()[ring->head].flags = 0;
  ring->head = ring->cur = TestPort::next(ring, ring->head);
}

inline double seconds() {
  timespec ts;
  clock_gettime(CLOCK_MONOTONIC, &ts);
  return static_cast<double>(ts.tv_sec) + 1e-9 * static_cast<double>(ts.tv_nsec);
}

}  // namespace nm
