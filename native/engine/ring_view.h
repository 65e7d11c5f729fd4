// One bound ring as its device sees it: pointers and sizes that were checked when it was bound, in private memory.
#pragma once

#include <cstdint>

#include "../abi/memory.h"
#include "layout.h"
#include "region.h"

namespace nm {

class Monitors;

// Where payloads begin in their buffers: bits of the slot's ptr. Nothing but 0 without the offsets option.
struct Offsets {
  uint64_t mask = 0;
  uint32_t most = 0;

  // Both may be changed by a peer at any time: what is made of them stays within the buffer.
  void refresh(const Kring& kring, uint32_t buf_size) {
    mask = kring.offset_mask.load(std::memory_order_relaxed);
    const uint32_t max = kring.offset_max.load(std::memory_order_relaxed);
    most = max < buf_size ? max : buf_size;
  }
  bool on() const { return mask != 0; }
  uint32_t of(uint64_t ptr) const {
    const uint64_t offset = ptr & mask;
    return offset < most ? static_cast<uint32_t>(offset) : most;
  }
};

struct RingView {
  Region* region = nullptr;  // null: nothing ever joins the ring's memory (tests)
  netmap_ring* ring = nullptr;
  netmap_slot* slots = nullptr;
  Kring* kring = nullptr;
  uint8_t* bufs = nullptr;  // buffer 0
  uint32_t n = 0;           // slots
  uint32_t buf_total = 0;
  uint32_t buf_size = 0;
  uint32_t id = 0;
  Offsets offsets;  // as of the last sync
  // Of a pipe: the ring of the other end that holds the same frames.
  netmap_slot* peer_slots = nullptr;
  Kring* peer = nullptr;
  Monitors* monitors = nullptr;  // null: nobody can watch the ring
  bool doubt = false;            // whoever synced the ring before us died in the middle of it

  uint32_t next(uint32_t i) const { return i + 1 == n ? 0 : i + 1; }
  uint32_t prev(uint32_t i) const { return i == 0 ? n - 1 : i - 1; }
};

// A slot's index, length and flags in one read: a peer may change them between two.
struct SlotWord {
  uint64_t bits;
  uint32_t buf_idx() const { return static_cast<uint32_t>(bits); }
  uint32_t len() const { return static_cast<uint32_t>(bits >> 32) & 0xffff; }
  uint32_t flags() const { return static_cast<uint32_t>(bits >> 48); }
};
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "slots are read as little-endian words");

inline SlotWord read_slot(const netmap_slot& slot) {
  return {__atomic_load_n(reinterpret_cast<const uint64_t*>(&slot), __ATOMIC_RELAXED)};
}
inline uint64_t read_ptr(const netmap_slot& slot) {
  return __atomic_load_n(&slot.ptr, __ATOMIC_RELAXED);
}
inline void write_ptr(netmap_slot& slot, uint64_t ptr) {
  __atomic_store_n(&slot.ptr, ptr, __ATOMIC_RELAXED);
}
inline void write_slot(netmap_slot& slot, uint64_t bits) {
  __atomic_store_n(reinterpret_cast<uint64_t*>(&slot), bits, __ATOMIC_RELAXED);
}
// Writing what is there already would take the line away from the other core for nothing.
inline void update_slot(netmap_slot& slot, uint64_t bits) {
  if (read_slot(slot).bits != bits) write_slot(slot, bits);
}
inline void clear_buf_changed(netmap_slot& slot) {
  SlotWord w = read_slot(slot);
  if (w.flags() & NS_BUF_CHANGED) write_slot(slot, w.bits & ~(uint64_t{NS_BUF_CHANGED} << 48));
}

// A counter that only we write.
inline void add(Shared<uint64_t>& counter, uint64_t n) {
  if (n) counter.store(counter.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
}

}  // namespace nm
