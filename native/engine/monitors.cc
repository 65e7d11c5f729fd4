#include "monitors.h"

#include <algorithm>
#include <cstring>

#include "fault.h"

namespace nm {

namespace {

// A monitor's ring is held for as long as a batch takes to copy. We may hold a receiver's ring meanwhile, for which
// others wait 50 ms.
constexpr int kMonitorLockMs = 10;

uint32_t distance(uint32_t from, uint32_t to, uint32_t n) {
  return to >= from ? to - from : to + n - from;
}

uint64_t frames(const netmap_slot* slots, uint32_t n, uint32_t from, uint32_t to) {
  uint64_t count = 0;
  for (uint32_t i = from; i != to; i = i + 1 == n ? 0 : i + 1) count += !(read_slot(slots[i]).flags() & NS_MOREFRAG);
  return count;
}

bool usable(uint32_t buf, uint32_t total) {
  return buf >= kFirstBuffer && buf < total;
}

// Where a monitor's ring goes on, and how much it can take.
struct Room {
  Room(const Kring& k, uint32_t n) : tail(k.hwtail.load(std::memory_order_relaxed)) {
    uint32_t cur = k.hwcur.load(std::memory_order_acquire);
    if (tail >= n) tail = 0;
    if (cur >= n) cur = tail;
    space = distance(tail, cur == 0 ? n - 1 : cur - 1, n);
  }
  uint32_t tail, space;
};

// The slot to begin with where not all fit: the newest are kept, as in netmap, but from the beginning of a frame on.
uint32_t fitting(const netmap_slot* slots, uint32_t n, uint32_t from, uint32_t to, uint32_t space) {
  const uint32_t count = distance(from, to, n);
  if (count <= space) return from;
  uint32_t i = from + (count - space);
  if (i >= n) i -= n;
  while (i != to && (read_slot(slots[i == 0 ? n - 1 : i - 1]).flags() & NS_MOREFRAG)) i = i + 1 == n ? 0 : i + 1;
  return i;
}

// An exchange of buffers takes two stores. Before them Kring::swap says which slots, and which buffer the second store
// puts into the monitor's: if only the first one was made, that buffer is in no slot, and the other one in both.
constexpr uint64_t kSwapBegun = uint64_t{1} << 63;
static_assert(kMaxSlots <= 1 << 12);
uint64_t swap_word(uint32_t slot, uint32_t monitor_slot, uint32_t buf) {
  return kSwapBegun | uint64_t{slot} << 44 | uint64_t{monitor_slot} << 32 | buf;
}

ShownSlots slots_of(const RingView& r) {
  ShownSlots s{r.slots, r.bufs, r.n, r.buf_total, r.buf_size, {}, r.doubt};
  s.offsets.refresh(*r.kring, r.buf_size);
  return s;
}

void store_slot(netmap_slot& slot, uint64_t bits) {
  __atomic_store_n(reinterpret_cast<uint64_t*>(&slot), bits, __ATOMIC_RELEASE);
}

}  // namespace

bool monitors_ring(const Control& control, uint32_t monitor, uint32_t adapter, uint32_t dir, uint32_t ring) {
  const Adapter& m = control.adapter(monitor);
  if (m.kind.load() != static_cast<uint32_t>(Kind::kMonitor) || ring >= kMaxRings) return false;
  if (!m.krings[kDirRx][ring].on.load(std::memory_order_acquire)) return false;
  const Adapter& a = control.adapter(adapter);
  const uint32_t flags = m.monitor_flags.load();
  if (a.kind.load() == static_cast<uint32_t>(Kind::kMonitor)) {
    return dir == kDirRx && a.parent.load() != kNone && m.parent.load() == a.parent.load() &&
           m.parent_serial.load() == a.parent_serial.load() && (flags & a.monitor_flags.load() & NR_ZCOPY_MON) &&
           static_cast<int32_t>(m.serial.load() - a.serial.load()) > 0;
  }
  return m.parent.load() == adapter && m.parent_serial.load() == a.serial.load() &&
         (flags & (dir == kDirTx ? NR_MONITOR_TX : NR_MONITOR_RX));
}

void finish_swap(Kring& k, Region& region, uint32_t n) noexcept {
  const uint64_t word = k.swap.exchange(0);
  if (!(word & kSwapBegun)) return;
  const uint32_t slot = static_cast<uint32_t>(word >> 44) & 0xfff, mine = static_cast<uint32_t>(word >> 32) & 0xfff;
  const uint32_t lost = static_cast<uint32_t>(word);
  netmap_ring* from = region.ring_at(k.swap_ring.load(), slot + 1);
  netmap_ring* to = region.ring_at(k.ring_ofs.load(), n);
  if (!from || !to || mine >= n || !usable(lost, region.plan().buf_total)) return;
  const SlotWord a = read_slot(from->slots()[slot]), b = read_slot(to->slots()[mine]);
  if (a.buf_idx() != b.buf_idx() || a.buf_idx() == lost) return;
  write_slot(to->slots()[mine], (b.bits & ~uint64_t{0xffffffff}) | lost);
}

// Looks anew at who watches the ring. What is known already stays as it is, with its memory mapped.
void Monitors::find(uint64_t watched) {
  std::atomic_thread_fence(std::memory_order_acquire);
  seen_ = watched;
  chained_ = control_->adapter(adapter_).kind.load() == static_cast<uint32_t>(Kind::kMonitor);
  std::vector<Monitor> before = std::move(copying_);
  copying_.clear();
  uint32_t first = kNone, first_serial = 0;
  for (uint32_t a = 0; watched && a < control_->adapters(); ++a) {
    if (!monitors_ring(*control_, a, adapter_, dir_, ring_)) continue;
    const uint32_t serial = control_->adapter(a).serial.load();
    if (control_->adapter(a).monitor_flags.load() & NR_ZCOPY_MON) {
      if (first == kNone || static_cast<int32_t>(serial - first_serial) < 0) first = a, first_serial = serial;
      continue;
    }
    auto known = std::find_if(before.begin(), before.end(),
                              [&](const Monitor& m) { return m.adapter == a && m.serial == serial; });
    if (known != before.end()) {
      copying_.push_back(std::move(*known));
    } else {
      copying_.push_back(Monitor{a, serial, {}});
    }
  }
  if (first == kNone) {
    swapping_.reset();
  } else if (!swapping_ || swapping_->adapter != first || swapping_->serial != first_serial) {
    swapping_.reset(new Monitor{first, first_serial, {}});
  }
}

// Whether the monitor's ring can be used. Its record may be another port's by now: then its serial has changed, and
// that was before its generation did.
bool Monitors::ready(Monitor& m) noexcept {
  if (m.to.current()) return m.to.on;
  m.to.refresh(*control_, m.adapter, ring_);
  const Adapter& a = control_->adapter(m.adapter);
  m.to.on &= a.kind.load() == static_cast<uint32_t>(Kind::kMonitor) && a.serial.load() == m.serial && m.to.current();
  return m.to.on;
}

// What a monitor's slot says of a frame: all that the slot itself says, and which way the frame went.
SlotWord Monitors::shown_word(SlotWord w) const {
  uint32_t flags = w.flags();
  if (!chained_) flags = (flags & ~uint32_t{NS_TXMON}) | (dir_ == kDirTx ? NS_TXMON : 0);
  if (indirect_) flags &= ~uint32_t{NS_INDIRECT};  // the monitor gets the data themselves
  return {(w.bits & 0xffffffffffff) | uint64_t{flags} << 48};
}

// Where a slot's bytes are. What its buffer cannot hold is cut off.
Monitors::Bytes Monitors::bytes(const ShownSlots& s, uint32_t slot, SlotWord w) noexcept {
  if (indirect_ && (w.flags() & NS_INDIRECT)) {
    const uint64_t address = read_ptr(s.slots[slot]);
    if (address == 0 || w.len() > s.buf_size) return {nullptr, 0};
    if (!indirect_->anything()) {
      if (!indirect_->allows(address, w.len())) return {nullptr, 0};
      return {reinterpret_cast<const uint8_t*>(address), w.len()};
    }
    if (!staging_) staging_ = Staging::make(control_->folder(), s.buf_size);
    return {staging_ ? staging_->fetch(0, address, w.len()) : nullptr, w.len()};
  }
  if (!usable(w.buf_idx(), s.buf_total)) return {nullptr, 0};
  const uint32_t offset = s.offsets.on() ? s.offsets.of(read_ptr(s.slots[slot])) : 0;
  return {s.bufs + size_t{w.buf_idx()} * s.buf_size + offset, std::min(w.len(), s.buf_size - offset)};
}

void Monitors::copy(Monitor& m, const ShownSlots& s, uint32_t from, uint32_t to) noexcept {
  if (!ready(m)) return;
  PeerRing& r = m.to;
  Kring& k = *r.kring;
  RobustLock::Hold lock(k.lock, r.stalled ? 0 : kMonitorLockMs);
  r.stalled = !lock.held();
  if (r.stalled) {
    k.drop_busy.fetch_add(frames(s.slots, s.n, from, to), std::memory_order_relaxed);
    return;
  }
  if (!r.current()) return;  // closed while we waited
  r.region->catch_up();
  Room room(k, r.n);
  const uint32_t begin = fitting(s.slots, s.n, from, to, room.space);
  add(k.drop_full, frames(s.slots, s.n, from, begin));
  if (begin == to) return;
  NM_FAULT(kMonitorCopying);
  Offsets there;
  there.refresh(k, r.buf_size);
  uint64_t count = 0, size = 0;
  for (uint32_t i = begin; i != to; i = i + 1 == s.n ? 0 : i + 1) {
    const SlotWord w = read_slot(s.slots[i]), shown = shown_word(w);
    const SlotWord have = read_slot(r.slots[room.tail]);
    const uint32_t offset = there.on() ? there.of(read_ptr(r.slots[room.tail])) : 0;
    const Bytes from_there = bytes(s, i, w);
    // A slot of which we cannot have the bytes is shown as an empty one.
    const bool good = from_there.at && usable(have.buf_idx(), r.buf_total);
    const uint32_t len = good ? std::min(from_there.len, r.buf_size - offset) : 0;
    if (len) std::memcpy(r.bufs + size_t{have.buf_idx()} * r.buf_size + offset, from_there.at, len);
    write_slot(r.slots[room.tail], uint64_t{have.buf_idx()} | uint64_t{len} << 32 | uint64_t{shown.flags()} << 48);
    room.tail = room.tail + 1 == r.n ? 0 : room.tail + 1;
    count += !(w.flags() & NS_MOREFRAG);
    size += len;
  }
  add(k.packets, count);
  add(k.bytes, size);
  NM_FAULT(kMonitorCopied);
  k.hwtail.store(room.tail, std::memory_order_release);
  NM_FAULT(kMonitorPublished);
  m.shown = true;
}

// Gives the monitor the buffers of slots that are free again, with what is in them, and takes as many of its own.
void Monitors::swap(Monitor& m, const RingView& v, uint32_t from, uint32_t to) noexcept {
  if (from == to || !ready(m)) return;
  PeerRing& r = m.to;
  Kring& k = *r.kring;
  if (r.region.get() != v.region) return;  // a zero-copy monitor lives in its port's region
  RobustLock::Hold lock(k.lock, r.stalled ? 0 : kMonitorLockMs);
  r.stalled = !lock.held();
  if (r.stalled || v.doubt) {
    k.drop_busy.fetch_add(frames(v.slots, v.n, from, to), std::memory_order_relaxed);
    return;
  }
  if (!r.current()) return;
  r.region->catch_up();
  finish_swap(k, *r.region, r.n);
  Room room(k, r.n);
  const uint32_t begin = fitting(v.slots, v.n, from, to, room.space);
  add(k.drop_full, frames(v.slots, v.n, from, begin));
  if (begin == to) return;
  k.swap_ring.store(static_cast<uint64_t>(reinterpret_cast<uint8_t*>(v.ring) - r.region->base()));
  const ShownSlots s = slots_of(v);
  uint64_t count = 0, size = 0;
  for (uint32_t i = begin; i != to; i = v.next(i)) {
    const SlotWord w = read_slot(s.slots[i]), have = read_slot(r.slots[room.tail]);
    if (!usable(w.buf_idx(), s.buf_total) || !usable(have.buf_idx(), s.buf_total)) continue;
    uint64_t len = w.len();
    if (indirect_ && (w.flags() & NS_INDIRECT)) {  // its buffer was not used: what was sent goes there now
      const Bytes sent = bytes(s, i, w);
      len = sent.at ? sent.len : 0;
      if (len) std::memcpy(s.bufs + size_t{w.buf_idx()} * s.buf_size, sent.at, len);
      if (s.offsets.on()) write_ptr(r.slots[room.tail], 0);
    } else if (s.offsets.on()) {
      write_ptr(r.slots[room.tail], s.offsets.of(read_ptr(s.slots[i])));
    }
    k.swap.store(swap_word(i, room.tail, w.buf_idx()), std::memory_order_release);
    NM_FAULT(kMonitorSwapBegun);
    store_slot(s.slots[i], (have.bits & 0xffffffffffff) | uint64_t{w.flags() | NS_BUF_CHANGED} << 48);
    NM_FAULT(kMonitorSwapHalf);
    store_slot(r.slots[room.tail], uint64_t{w.buf_idx()} | len << 32 | uint64_t{shown_word(w).flags()} << 48);
    room.tail = room.tail + 1 == r.n ? 0 : room.tail + 1;
    count += !(w.flags() & NS_MOREFRAG);
    size += len;
  }
  add(k.packets, count);
  add(k.bytes, size);
  NM_FAULT(kMonitorSwapped);
  k.swap.store(0, std::memory_order_release);
  k.hwtail.store(room.tail, std::memory_order_release);
  m.shown = true;
}

void Monitors::show(const ShownSlots& s, uint32_t from, uint32_t to, uint64_t watched) noexcept {
  if (watched != seen_) find(watched);
  if (from == to) return;
  for (Monitor& m : copying_) {
    if (!s.doubt) {
      copy(m, s, from, to);
    } else if (ready(m)) {
      m.to.kring->drop_busy.fetch_add(frames(s.slots, s.n, from, to), std::memory_order_relaxed);
    }
  }
}

void Monitors::wake() noexcept {
  auto wake_one = [this](Monitor& m) {
    if (m.shown) bells_->wake(*m.to.kring, m.adapter);
    m.shown = false;
  };
  for (Monitor& m : copying_) wake_one(m);
  if (swapping_) wake_one(*swapping_);
}

uint32_t Monitors::tx(RingView& r, DataPath& path, uint32_t hwcur, uint32_t head, uint64_t watched) noexcept {
  show(slots_of(r), hwcur, head, watched);
  const uint32_t before = r.kring->hwtail.load(std::memory_order_relaxed);
  const uint32_t tail = path.tx(r, hwcur, head);
  // Slots that are free again: on a switch what was sent just now, on a pipe what the reader has given back.
  if (swapping_ && before < r.n && tail < r.n) swap(*swapping_, r, r.next(before), r.next(tail));
  wake();
  return tail;
}

uint32_t Monitors::rx(RingView& r, DataPath& path, uint32_t hwcur, uint32_t head, uint64_t watched) noexcept {
  if (watched != seen_) find(watched);
  if (swapping_) {
    swap(*swapping_, r, hwcur, head);
    wake();
  }
  return path.rx(r, hwcur, head);
}

Monitors& PeerMonitors::of(uint32_t adapter, uint32_t ring) {
  std::unique_ptr<Monitors>& found = rings_[adapter * kMaxRings + ring];
  if (!found) found.reset(new Monitors(control_, adapter, kDirRx, ring, bells_, nullptr));
  return *found;
}

}  // namespace nm
