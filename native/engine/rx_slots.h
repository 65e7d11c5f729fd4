// A receiver's ring while a sender fills it slot by slot. Nothing shows before the tail is published.
#pragma once

#include "peer_ring.h"
#include "ring_view.h"

namespace nm {

class RxSlots {
 public:
  RxSlots(const PeerRing& ring, const Offsets& offsets) : ring_(ring), offsets_(offsets) {
    tail_ = ring.kring->hwtail.load(std::memory_order_relaxed);
    uint32_t cur = ring.kring->hwcur.load(std::memory_order_acquire);
    if (tail_ >= ring.n) tail_ = 0;
    if (cur >= ring.n) cur = tail_;
    space_ = cur > tail_ ? cur - tail_ - 1 : cur + ring.n - tail_ - 1;
  }

  uint32_t tail() const { return tail_; }
  uint32_t space() const { return space_; }

  // Where the next slot's data goes, and how much. Without a usable buffer there is no room.
  struct Place {
    uint8_t* at = nullptr;
    uint32_t room = 0;
  };
  Place place() {
    netmap_slot& slot = ring_.slots[tail_];
    buf_idx_ = read_slot(slot).buf_idx();
    uint32_t offset = 0;
    if (offsets_.on()) {
      const uint64_t ptr = read_ptr(slot);
      offset = offsets_.of(ptr);
      // Too large a one is cut, and the receiver is told.
      if ((ptr & offsets_.mask) != offset) write_ptr(slot, (ptr & ~offsets_.mask) | (offset & offsets_.mask));
    }
    if (buf_idx_ < kFirstBuffer || buf_idx_ >= ring_.buf_total) return {};
    return {ring_.bufs + size_t{buf_idx_} * ring_.buf_size + offset, ring_.buf_size - offset};
  }

  // Takes the slot at place().
  void put(uint32_t len, uint32_t flags) {
    update_slot(ring_.slots[tail_], uint64_t{buf_idx_} | uint64_t{len} << 32 | uint64_t{flags} << 48);
    tail_ = tail_ + 1 == ring_.n ? 0 : tail_ + 1;
    --space_;
  }

  // Changes the flags of the last `count` slots: NS_MOREFRAG in all but the last one, and how many they are.
  void chain(uint32_t count) {
    uint32_t at = tail_ >= count ? tail_ - count : tail_ + ring_.n - count;
    for (uint32_t k = count; k > 0; --k) {
      const uint64_t flags = count << NS_PORT_SHIFT | (k > 1 ? NS_MOREFRAG : 0);
      update_slot(ring_.slots[at], (read_slot(ring_.slots[at]).bits & ~(uint64_t{0xffff} << 48)) | flags << 48);
      at = at + 1 == ring_.n ? 0 : at + 1;
    }
  }

  // Takes the last `count` slots back.
  void undo(uint32_t count) {
    tail_ = tail_ >= count ? tail_ - count : tail_ + ring_.n - count;
    space_ += count;
  }

 private:
  const PeerRing& ring_;
  const Offsets& offsets_;
  uint32_t tail_, space_;
  uint32_t buf_idx_ = 0;
};

}  // namespace nm
