#include "ring_sync.h"

#include <time.h>

#include "fault.h"
#include "monitors.h"

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

void show_tail(RingView& r, uint32_t tail) {
  r.kring->rtail.store(tail, std::memory_order_relaxed);
  show(r.ring->tail, tail);
}

inline Taken take_tx(RingView& r, uint32_t head, uint32_t cur) {
  Kring& k = *r.kring;
  const uint32_t hwcur = k.hwcur.load(std::memory_order_relaxed);
  const uint32_t rhead = k.rhead.load(std::memory_order_relaxed);
  const uint32_t rtail = k.rtail.load(std::memory_order_relaxed);
  const bool valid = head < r.n && cur < r.n && hwcur < r.n && rhead < r.n && rtail < r.n &&
                     in_order(rhead, head, rtail) && in_order(head, cur, rtail);
  if (valid) {
    k.rhead.store(head, std::memory_order_relaxed);
    k.rcur.store(cur, std::memory_order_relaxed);
  }
  return {hwcur, head, valid};
}

inline Taken take_rx(RingView& r, uint32_t head, uint32_t cur) {
  Kring& k = *r.kring;
  const uint32_t hwcur = k.hwcur.load(std::memory_order_relaxed);
  const uint32_t hwtail = k.hwtail.load(std::memory_order_acquire);
  k.rcur.store(cur, std::memory_order_relaxed);
  k.rhead.store(head, std::memory_order_relaxed);
  const bool valid = head < r.n && cur < r.n && hwcur < r.n && hwtail < r.n && in_order(hwcur, head, hwtail) &&
                     in_order(head, cur, hwtail);
  return {hwcur, head, valid};
}

}  // namespace

Taken reinit(RingView& r) noexcept {
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
  const bool beyond = head >= r.n || cur >= r.n || tail >= r.n;
  uint32_t hwcur = k.hwcur.load(), hwtail = k.hwtail.load();
  if (hwcur >= r.n) k.hwcur.store(hwcur = beyond ? 0 : head);
  if (hwtail >= r.n) hwtail = hwcur;
  if (!beyond) {
    k.rhead.store(head);
    k.rcur.store(cur);
    k.rtail.store(tail);
    return {hwcur, head, false};
  }
  k.rhead.store(hwcur);
  k.rcur.store(hwcur);
  k.rtail.store(hwtail);
  show(r.ring->head, hwcur);
  show(r.ring->cur, hwcur);
  show(r.ring->tail, hwtail);
  return {hwcur, hwcur, false};
}

Taken accept_tx(RingView& r, uint32_t head, uint32_t cur) noexcept {
  return take_tx(r, head, cur);
}
Taken accept_rx(RingView& r, uint32_t head, uint32_t cur) noexcept {
  return take_rx(r, head, cur);
}

uint32_t run_tx(RingView& r, DataPath& path, const Taken& taken) noexcept {
  const uint64_t watched = r.kring->watched.load(std::memory_order_relaxed);
  if (__builtin_expect(watched == 0, 1) || !r.monitors) return path.tx(r, taken.hwcur, taken.head);
  return r.monitors->tx(r, path, taken.hwcur, taken.head, watched);
}

uint32_t run_rx(RingView& r, DataPath& path, const Taken& taken) noexcept {
  const uint64_t watched = r.kring->watched.load(std::memory_order_relaxed);
  if (__builtin_expect(watched == 0, 1) || !r.monitors) return path.rx(r, taken.hwcur, taken.head);
  return r.monitors->rx(r, path, taken.hwcur, taken.head, watched);
}

bool sync_tx(RingView& r, DataPath& path) noexcept {
  Kring& k = *r.kring;
  RobustLock::Hold guard(k.guard, 0);
  if (!guard.held()) return true;  // another thread is syncing this ring: netmap skips it silently
  if (r.region) r.region->catch_up();
  r.offsets.refresh(k, r.buf_size);
  const Taken taken = take_tx(r, peek(r.ring->head), peek(r.ring->cur));
  if (!taken.valid) {
    reinit(r);
    return false;
  }
  NM_FAULT(kSyncChecked);
  r.doubt = guard.result() == RobustLock::Result::kInherited;
  const uint32_t tail = run_tx(r, path, taken);
  show_tail(r, tail & ~kSyncFailed);
  return !(tail & kSyncFailed);
}

bool sync_rx(RingView& r, DataPath& path) noexcept {
  Kring& k = *r.kring;
  RobustLock::Hold guard(k.guard, 0);
  if (!guard.held()) return true;
  const Taken taken = take_rx(r, peek(r.ring->head), peek(r.ring->cur));
  // The kernel syncs even after a reinit, from what it adopted.
  const Taken from = taken.valid ? taken : reinit(r);
  r.doubt = guard.result() == RobustLock::Result::kInherited;
  const uint32_t tail = run_rx(r, path, from);
  show_tail(r, tail & ~kSyncFailed);
  NM_FAULT(kSyncDone);
  if (r.region) r.region->catch_up();  // the buffers of what has just been shown
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  r.ring->ts.tv_sec = now.tv_sec;
  r.ring->ts.tv_usec = now.tv_nsec / 1000;
  return taken.valid && !(tail & kSyncFailed);
}

}  // namespace nm
