// Frames on their way from a tx ring into a switch.
#pragma once

#include "ring_view.h"

namespace nm {

// Bytes of the virtio-net header before each frame of a port.
inline uint32_t vnet_header_of(const Adapter& adapter) {
  const uint32_t header = adapter.vnet_header.load(std::memory_order_relaxed);
  return header == 10 || header == 12 ? header : 0;
}

// Slots of a tx ring, read once: a peer that writes them meanwhile changes nothing any more. Those of a frame are
// neighbours. What they point at is in the ring's buffers still.
struct ValeBatch {
  static constexpr uint32_t kSlots = 512;      // forwarded in one pass; the last frame may go beyond
  static constexpr uint32_t kMostFrags = 255;  // of one frame: their number travels in a byte
  static constexpr uint32_t kRoom = kSlots + kMostFrags;
  static constexpr uint32_t kMinFrame = 14;

  const RingView* from = nullptr;
  uint32_t header = 0;      // bytes of virtio-net header before each frame
  uint64_t words[kRoom];    // SlotWords
  uint64_t address[kRoom];  // of NS_INDIRECT ones where the data is; of others, where the ring has offsets, the offset

  SlotWord word(uint32_t f) const { return {words[f]}; }
  uint32_t len(uint32_t f) const { return word(f).len(); }

  const uint8_t* data(uint32_t f) const {
    const SlotWord w = word(f);
    if (w.flags() & NS_INDIRECT) return reinterpret_cast<const uint8_t*>(address[f]);
    return from->bufs + size_t{w.buf_idx()} * from->buf_size + (from->offsets.on() ? address[f] : 0);
  }

  // First slot after the frame that begins at `f`.
  uint32_t end_of(uint32_t f) const {
    while (word(f).flags() & NS_MOREFRAG) ++f;
    return f + 1;
  }

  uint64_t frames(uint32_t begin, uint32_t end) const {
    uint64_t n = 0;
    for (uint32_t f = begin; f < end; ++f) n += !(word(f).flags() & NS_MOREFRAG);
    return n;
  }

  // Whether addresses can be found: behind the header in its slot, or, if that holds nothing else, in the next one.
  bool has_addresses(uint32_t f) const {
    if (len(f) > header) return len(f) - header >= kMinFrame;
    return len(f) == header && (word(f).flags() & NS_MOREFRAG) && len(f + 1) >= kMinFrame;
  }
  const uint8_t* addresses(uint32_t f) const { return len(f) > header ? data(f) + header : data(f + 1); }
};

constexpr uint64_t kMacMask = 0xffffffffffff;

// Six bytes of an address, the first one lowest. Reads eight.
inline uint64_t load_mac(const uint8_t* at) {
  uint64_t v;
  __builtin_memcpy(&v, at, sizeof v);
  return v & kMacMask;
}

}  // namespace nm
