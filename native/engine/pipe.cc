#include "pipe.h"

#include "fault.h"

namespace nm {

namespace {

// Whole slots travel, as in netmap: index, length, flags, ptr.
void carry(netmap_slot& to, const netmap_slot& from, SlotWord word) {
  update_slot(to, word.bits);
  const uint64_t ptr = __atomic_load_n(&from.ptr, __ATOMIC_RELAXED);
  if (__atomic_load_n(&to.ptr, __ATOMIC_RELAXED) != ptr) __atomic_store_n(&to.ptr, ptr, __ATOMIC_RELAXED);
}

}  // namespace

// Slots go over one for one: slot i of this ring is slot i of the other end's rx ring.
uint32_t PipePath::tx(RingView& r, uint32_t hwcur, uint32_t head) noexcept {
  if (hwcur != head) {
    uint32_t complete = r.n;  // where the last whole frame ends
    uint64_t frames = 0, bytes = 0;
    for (uint32_t i = hwcur; i != head;) {
      const SlotWord w = read_slot(r.slots[i]);
      carry(r.peer_slots[i], r.slots[i], w);
      if (w.flags() & NS_BUF_CHANGED) clear_buf_changed(r.slots[i]);
      bytes += w.len();
      i = r.next(i);
      if (!(w.flags() & NS_MOREFRAG)) {
        ++frames;
        complete = i;
      }
    }
    NM_FAULT(kPipeCarried);
    add(r.kring->sent_packets, frames);
    add(r.kring->sent_bytes, bytes);
    r.kring->hwcur.store(head, std::memory_order_relaxed);
    NM_FAULT(kPipeConsumed);
    add(r.peer->packets, frames);
    add(r.peer->bytes, bytes);
    if (complete < r.n) {
      const uint64_t watched = r.peer->watched.load(std::memory_order_relaxed);
      if (__builtin_expect(watched != 0, 0)) show(r, complete, watched);
      r.peer->hwtail.store(complete, std::memory_order_release);
      NM_FAULT(kPipePublished);
      bells_.wake(*r.peer, peer_);
    }
  }
  // Room is what the other end has released.
  uint32_t released = r.peer->hwcur.load(std::memory_order_acquire);
  if (released >= r.n) released = 0;
  const uint32_t tail = r.prev(released);
  r.kring->hwtail.store(tail, std::memory_order_relaxed);
  return tail;
}

// To those who monitor the other end, before it sees the frames itself.
void PipePath::show(const RingView& r, uint32_t complete, uint64_t watched) noexcept {
  const uint32_t from = r.peer->hwtail.load(std::memory_order_relaxed);
  if (from >= r.n) return;
  Monitors& monitors = monitors_.of(peer_, r.id);
  ShownSlots shown{r.peer_slots, r.bufs, r.n, r.buf_total, r.buf_size, {}, r.doubt};
  shown.offsets.refresh(*r.peer, r.buf_size);
  monitors.show(shown, from, complete, watched);
  monitors.wake();
}

uint32_t PipePath::rx(RingView& r, uint32_t hwcur, uint32_t head) noexcept {
  if (hwcur != head) {
    // The sender gets back the slots as the reader leaves them, perhaps with other buffers.
    for (uint32_t i = hwcur; i != head; i = r.next(i)) {
      const SlotWord w = read_slot(r.slots[i]);
      carry(r.peer_slots[i], r.slots[i], w);
      if (w.flags() & NS_BUF_CHANGED) clear_buf_changed(r.slots[i]);
    }
    NM_FAULT(kPipeReturned);
    r.kring->hwcur.store(head, std::memory_order_release);
    NM_FAULT(kPipeReleased);
    bells_.wake(*r.peer, peer_);
  }
  const uint32_t tail = r.kring->hwtail.load(std::memory_order_acquire);
  return tail < r.n ? tail : head;
}

}  // namespace nm
