#include "ring_sync.h"

#include <time.h>

#include "fault.h"

namespace nm {

namespace {

uint32_t peek(const uint32_t& user) {
  return __atomic_load_n(&user, __ATOMIC_RELAXED);
}
void show(uint32_t& user, uint32_t value) {
  __atomic_store_n(&user, value, __ATOMIC_RELAXED);
}

// Whether going forward from a, b comes not after c (cyclically; a, b, c below the ring's size).
bool in_order(uint32_t a, uint32_t b, uint32_t c) {
  return a <= c ? a <= b && b <= c : a <= b || b <= c;
}

// netmap's reinit. Indices beyond the ring put it back to the device's last good values; others are adopted as they
// are. Slots that point nowhere are emptied: their buffers are lost until the user repairs them.
void reinit(RingView& r) {
  Kring& k = *r.kring;
  const uint32_t head = peek(r.ring->head), cur = peek(r.ring->cur), tail = peek(r.ring->tail);
  for (uint32_t i = 0; i < r.n; ++i) {
    const SlotWord w = read_slot(r.slots[i]);
    if (w.buf_idx() < kFirstBuffer || w.buf_idx() >= r.buf_total) {
      write_slot(r.slots[i], w.bits & (uint64_t{0xffff} << 48));
    } else if (w.len() > r.buf_size) {
      write_slot(r.slots[i], w.bits & ~(uint64_t{0xffff} << 32));
    }
  }
  if (head >= r.n || cur >= r.n || tail >= r.n) {
    uint32_t hwcur = k.hwcur.load(), hwtail = k.hwtail.load();
    if (hwcur >= r.n) k.hwcur.store(hwcur = 0);
    if (hwtail >= r.n) hwtail = hwcur;
    k.rhead.store(hwcur);
    k.rcur.store(hwcur);
    k.rtail.store(hwtail);
    show(r.ring->head, hwcur);
    show(r.ring->cur, hwcur);
    show(r.ring->tail, hwtail);
  } else {
    if (k.hwcur.load() >= r.n) k.hwcur.store(head);
    k.rhead.store(head);
    k.rcur.store(cur);
    k.rtail.store(tail);
  }
}

void show_tail(RingView& r, uint32_t tail) {
  r.kring->rtail.store(tail, std::memory_order_relaxed);
  show(r.ring->tail, tail);
}

}  // namespace

bool sync_tx(RingView& r, DataPath& path) noexcept {
  Kring& k = *r.kring;
  RobustLock::Hold guard(k.guard, 0);
  if (!guard.held()) return true;  // another thread is syncing this ring: netmap skips it silently
  if (r.region) r.region->catch_up();
  r.offsets.refresh(k, r.buf_size);
  const uint32_t head = peek(r.ring->head), cur = peek(r.ring->cur);
  const uint32_t hwcur = k.hwcur.load(std::memory_order_relaxed);
  const uint32_t rhead = k.rhead.load(std::memory_order_relaxed);
  const uint32_t rtail = k.rtail.load(std::memory_order_relaxed);
  const bool valid = head < r.n && cur < r.n && hwcur < r.n && rhead < r.n && rtail < r.n &&
                     in_order(rhead, head, rtail) && in_order(head, cur, rtail);
  if (!valid) {
    reinit(r);
    return false;
  }
  k.rhead.store(head, std::memory_order_relaxed);
  k.rcur.store(cur, std::memory_order_relaxed);
  NM_FAULT(kSyncChecked);
  show_tail(r, path.tx(r, hwcur, head));
  return true;
}

bool sync_rx(RingView& r, DataPath& path) noexcept {
  Kring& k = *r.kring;
  RobustLock::Hold guard(k.guard, 0);
  if (!guard.held()) return true;
  const uint32_t head = peek(r.ring->head), cur = peek(r.ring->cur);
  const uint32_t hwcur = k.hwcur.load(std::memory_order_relaxed);
  const uint32_t hwtail = k.hwtail.load(std::memory_order_acquire);
  k.rcur.store(cur, std::memory_order_relaxed);
  k.rhead.store(head, std::memory_order_relaxed);
  const bool valid = head < r.n && cur < r.n && hwcur < r.n && hwtail < r.n && in_order(hwcur, head, hwtail) &&
                     in_order(head, cur, hwtail);
  // The kernel syncs even after a reinit, from what it adopted.
  if (!valid) reinit(r);
  show_tail(r, path.rx(r, valid ? hwcur : k.hwcur.load(), valid ? head : k.rhead.load()));
  NM_FAULT(kSyncDone);
  if (r.region) r.region->catch_up();  // the buffers of what has just been shown
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  r.ring->ts.tv_sec = now.tv_sec;
  r.ring->ts.tv_usec = now.tv_nsec / 1000;
  return valid;
}

}  // namespace nm
