// A piece of a ring, found and checked: what a fast path may read and write. Publishes nothing: heads are JavaScript's.
#pragma once

#include <cstdint>
#include <cstring>

#include "../abi/memory.h"
#include "../device/mapping.h"

namespace nm {

// What a slot holds, checked: nothing that lies outside its buffer.
struct Bytes {
  uint8_t* data = nullptr;
  uint32_t length = 0;
};

// `count` slots from `head` of a ring that was found at an offset which came from JavaScript. What the ring says about
// itself lies in shared memory, so it is read once and kept here.
struct RingSpan {
  netmap_slot* slots = nullptr;
  uint8_t* buffers = nullptr;  // buffer 0
  uint32_t num_slots = 0;
  uint32_t buf_size = 0;
  uint32_t buf_total = 0;  // buffers that lie within the mapping
  uint64_t offset_mask = 0;
  uint32_t head = 0;
  uint32_t count = 0;

  // The ring without slots to work on. False when there is none at that offset.
  bool find(const Mapping& mapping, double ring_offset);
  // Which slots: false when that is not a part of the ring.
  bool take(double first, double slot_count);
  bool find(const Mapping& mapping, double ring_offset, double first, double slot_count) {
    return find(mapping, ring_offset) && take(first, slot_count);
  }

  uint32_t next(uint32_t i) const { return ++i == num_slots ? 0 : i; }
  bool has(uint32_t buffer) const { return buffer >= kFirstBuffer && buffer < buf_total; }
  uint8_t* buffer(uint32_t index) const { return buffers + static_cast<uint64_t>(index) * buf_size; }

  // A slot, read once: a peer may change it between two reads.
  netmap_slot read(uint32_t i) const {
    const auto* words = reinterpret_cast<const uint64_t*>(&slots[i]);
    const uint64_t copy[2] = {__atomic_load_n(words, __ATOMIC_RELAXED), __atomic_load_n(words + 1, __ATOMIC_RELAXED)};
    netmap_slot slot;
    std::memcpy(&slot, copy, sizeof slot);
    return slot;
  }

  // Puts a whole slot into its place at once: whoever reads it as a whole, the engine for one, need not wait for parts.
  void write(uint32_t i, const netmap_slot& slot) const {
    auto* words = reinterpret_cast<uint64_t*>(&slots[i]);
    uint64_t copy[2];
    std::memcpy(copy, &slot, sizeof slot);
    __atomic_store_n(words, copy[0], __ATOMIC_RELAXED);
    __atomic_store_n(words + 1, copy[1], __ATOMIC_RELAXED);
  }

  // The bytes of a slot that was read: nothing when they would lie outside their buffer.
  Bytes bytes(const netmap_slot& slot) const {
    const uint64_t offset = slot.ptr & offset_mask;
    if (!has(slot.buf_idx) || offset > buf_size || slot.len > buf_size - offset) return {};
    return {buffer(slot.buf_idx) + offset, slot.len};
  }
  // That a slot's bytes will be wanted soon. Wherever it leads: only a hint.
  void prefetch(uint32_t i) const { __builtin_prefetch(buffer(slots[i].buf_idx)); }
  // Where a slot's bytes go to, and how many there is room for.
  Bytes room(const netmap_slot& slot) const {
    const uint64_t offset = slot.ptr & offset_mask;
    if (!has(slot.buf_idx) || offset >= buf_size) return {};
    return {buffer(slot.buf_idx) + offset, static_cast<uint32_t>(buf_size - offset)};
  }

  // Slots of the frame that starts at `i`, 0 when its last one is not among the `left` slots.
  uint32_t frame_slots(uint32_t i, uint32_t left) const {
    for (uint32_t n = 1; n <= left; ++n, i = next(i)) {
      if (!(slots[i].flags & NS_MOREFRAG)) return n;
    }
    return 0;
  }
};

}  // namespace nm
