#include "unattached.h"

namespace nm {

uint32_t UnattachedPath::tx(RingView& r, uint32_t hwcur, uint32_t head) noexcept {
  uint64_t frames = 0, bytes = 0;
  for (uint32_t i = hwcur; i != head; i = r.next(i)) {
    const SlotWord w = read_slot(r.slots[i]);
    bytes += w.len();
    frames += !(w.flags() & NS_MOREFRAG);
  }
  add(r.kring->sent_packets, frames);
  add(r.kring->sent_bytes, bytes);
  add(r.kring->drop_unroutable, frames);
  r.kring->hwcur.store(head, std::memory_order_relaxed);
  const uint32_t tail = r.prev(head);
  r.kring->hwtail.store(tail, std::memory_order_relaxed);
  return tail;
}

uint32_t UnattachedPath::rx(RingView& r, uint32_t, uint32_t head) noexcept {
  r.kring->hwcur.store(head, std::memory_order_relaxed);
  return r.kring->hwtail.load(std::memory_order_relaxed);
}

}  // namespace nm
