// Puts packets into tx rings: copies of frames, with fields and checksums of their own.
#pragma once

#include <cstdint>
#include <vector>

#include "field.h"
#include "frame_set.h"
#include "tx_ring.h"

namespace nm::traffic {

struct FlowSpec {
  uint64_t count = 1;
  bool random = false;  // else one after the other
  uint64_t seed = 1;
};

struct Filled {
  uint32_t frames = 0;
  uint32_t slots = 0;
  uint64_t bytes = 0;
};

class Filler {
 public:
  // `fragment`: most bytes of a frame in one slot, 0: as many as fit.
  Filler(FrameSet frames, std::vector<FieldSpec> fields, FlowSpec flows, uint32_t fragment);

  const FrameSet& frames() const { return frames_; }
  // Writes up to `most` whole frames from the ring's head on and moves that; publishes nothing.
  Filled fill(TxRing& ring, uint32_t most, int64_t now);
  // Bytes of the frame after `ahead` more ones.
  uint32_t length_of_next(uint64_t ahead = 0) const;
  // Slots that a frame of the longest kind takes.
  uint32_t slots_of_longest(const TxRing& ring) const;

 private:
  static constexpr uint32_t kBlock = 64;

  // What differs between the packets of a block.
  struct Block {
    uint32_t frame[kBlock];
    uint16_t header_sum[kBlock];
    uint16_t packet_sum[kBlock];
    uint64_t flow[kBlock];
    uint8_t wraps[kBlock];
  };

  void prepare(uint32_t n, int64_t now);
  void prepare_same(const Frame& frame, uint32_t n);
  void prepare_mixed(uint32_t n);
  void finish(uint8_t* p, const Frame& frame, uint32_t k) const;
  void finish_same(uint8_t* const* at, uint32_t n) const;
  uint8_t* place(TxRing& ring, uint32_t i, const Frame& frame, uint32_t index);
  bool fits_slots(const TxRing& ring) const;
  uint32_t fill_slots(TxRing& ring, uint32_t n, Filled* filled);
  uint32_t fill_chains(TxRing& ring, uint32_t n, Filled* filled);
  uint32_t write_chain(TxRing& ring, const uint8_t* bytes, uint32_t length, uint32_t room);

  FrameSet frames_;
  std::vector<Field> fields_;
  FlowSpec flows_;
  Random flow_random_;
  uint64_t flow_index_ = 0;
  const uint32_t fragment_;
  size_t place_ = 0;  // in the order of frames
  Block block_;
  uint32_t left_ = 0;  // packets of the block that no ring had room for yet, from `first_` on
  uint32_t first_ = 0;
  std::vector<uint64_t> words_;  // of each field and packet: what is stored
  std::vector<uint8_t> scratch_;
};

}  // namespace nm::traffic
