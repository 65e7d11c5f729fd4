#include "vale.h"

#include <time.h>

#include <algorithm>
#include <cstring>

#include "directory.h"
#include "fault.h"

namespace nm {

namespace {

constexpr uint32_t kMinFrame = 14;
constexpr uint32_t kAhead = 8;       // slots between a prefetch and its use
constexpr int kLockTimeoutMs = 50;   // a receiver's ring is held for microseconds; longer means a stopped process
constexpr uint32_t kFlood = 0xffff;  // destination of broadcast, multicast and unknown
constexpr uint32_t kDrop = 0xfffe;

constexpr uint64_t kMacMask = 0xffffffffffff;

// Six bytes of an address, the first one lowest. Reads eight.
uint64_t load_mac(const uint8_t* at) {
  uint64_t v;
  std::memcpy(&v, at, sizeof v);
  return v & kMacMask;
}
bool is_group(uint64_t mac) {
  return mac & 1;
}

uint32_t hash(uint64_t mac) {
  return static_cast<uint32_t>(mac * 0x9e3779b97f4a7c15 >> 54);
}
static_assert(kLearnEntries == 1 << 10);

// Buffers are whole cache lines at both ends, so whole lines may be copied: the bytes after the frame are nobody's.
inline void copy_lines(uint8_t* __restrict to, const uint8_t* __restrict from, uint32_t len) {
  __builtin_memcpy(to, from, 64);
  if (__builtin_expect(len > 64, 0)) std::memcpy(to + 64, from + 64, (len - 1) & ~63u);
}

}  // namespace

ValePath::ValePath(std::shared_ptr<Control> control, uint32_t switch_index, uint32_t port,
                   const IndirectRanges* indirect)
    : control_(std::move(control)),
      switch_(control_->vale(switch_index)),
      port_(port),
      indirect_(indirect),
      bells_(control_),
      epoch_(switch_.epoch.load() - 1),
      peers_(control_->limits().ports),
      queues_(size_t{control_->limits().ports} * kMaxRings) {
  others_.reserve(control_->limits().ports);
  touched_.reserve(queues_.size());
}

// After a port joined or left. Rings are looked at again by their own generations.
void ValePath::refresh_ports() {
  epoch_ = switch_.epoch.load(std::memory_order_acquire);
  others_.clear();
  for (uint32_t p = 0; p < peers_.size(); ++p) {
    const uint32_t a = switch_.ports[p].load(std::memory_order_acquire) - 1;
    Peer& peer = peers_[p];
    if (a >= control_->adapters()) {
      peer = Peer{};
      continue;
    }
    if (p != port_) others_.push_back(p);
    if (peer.adapter == a) {
      // The same record may be another port by now, with other rings.
      const uint32_t rings = std::min(control_->adapter(a).rings[kDirRx].load(), kMaxRings);
      if (rings == peer.rings) continue;
    }
    peer.adapter = a;
    peer.rings = std::min(control_->adapter(a).rings[kDirRx].load(), kMaxRings);
    peer.ring.reset(new PeerRing[kMaxRings]);
  }
}

uint32_t ValePath::look_up(uint64_t mac) const {
  const uint64_t entry = switch_.learned[hash(mac)].load(std::memory_order_relaxed);
  if (entry >> 16 != mac || (entry & 0xffff) == 0) return kFlood;
  const uint32_t port = static_cast<uint32_t>(entry & 0xffff) - 1;
  if (port == port_ || port >= peers_.size() || peers_[port].adapter == kNone) return kDrop;
  return port;
}

// Whether the slot's data may be read. Keeps an indirect slot's address for later: it must not change any more.
bool ValePath::usable(const RingView& r, SlotWord w, uint32_t slot, uint32_t fragment) {
  if (w.len() > r.buf_size) return false;
  if (w.flags() & NS_INDIRECT) {
    address_[fragment] = __atomic_load_n(&r.slots[slot].ptr, __ATOMIC_RELAXED);
    return indirect_->anything() ? stage(r, fragment, w.len()) : indirect_->allows(address_[fragment], w.len());
  }
  return w.buf_idx() >= kFirstBuffer && w.buf_idx() < r.buf_total;
}

// Fetches an indirect slot's data: from here on it is memory of our own.
bool ValePath::stage(const RingView& r, uint32_t fragment, uint32_t len) {
  if (address_[fragment] == 0) return false;
  if (!staging_) staging_ = Staging::make(control_->folder(), size_t{kBatch + kMostFrags} * r.buf_size);
  if (!staging_) return false;
  address_[fragment] =
      reinterpret_cast<uintptr_t>(staging_->fetch(size_t{fragment} * r.buf_size, address_[fragment], len));
  return address_[fragment] != 0;
}

inline const uint8_t* ValePath::data(const RingView& r, uint32_t fragment) const {
  const SlotWord w{batch_[fragment]};
  if (w.flags() & NS_INDIRECT) return reinterpret_cast<const uint8_t*>(address_[fragment]);
  return r.bufs + size_t{w.buf_idx()} * r.buf_size;
}

// Learns where a frame comes from; says where it goes to: a queue, kFlood or kDrop.
uint32_t ValePath::route(uint64_t target, uint64_t source, uint32_t ring) {
  if (!is_group(source)) {
    Shared<uint64_t>& entry = switch_.learned[hash(source)];
    const uint64_t known = source << 16 | (port_ + 1);
    if (entry.load(std::memory_order_relaxed) != known) entry.store(known, std::memory_order_relaxed);
  }
  if (is_group(target)) return kFlood;
  const uint32_t port = look_up(target);
  if (port == kFlood || port == kDrop) return port;
  const uint32_t rings = peers_[port].rings;
  return port * kMaxRings + (ring < rings ? ring : rings ? ring % rings : 0);
}

uint32_t ValePath::tx(RingView& r, uint32_t hwcur, uint32_t head) noexcept {
  if (switch_.epoch.load(std::memory_order_acquire) != epoch_) refresh_ports();
  full_ = false;
  unroutable_ = 0;
  uint64_t sent = 0, bytes = 0, bad = 0;
  // Neighbours mostly come from and go to the same places: then there is nothing to look up.
  uint64_t last_target = ~uint64_t{0}, last_source = ~uint64_t{0};
  uint32_t way = kFlood;          // of the present run
  uint32_t count = 0, begin = 0;  // slots in the batch; the present run's first
  uint32_t start = 0;             // the present frame's first
  bool good = true;
  const uint32_t n = r.n, buf_total = r.buf_total, buf_size = r.buf_size;
  netmap_slot* const slots = r.slots;
  uint8_t* const bufs = r.bufs;
  for (uint32_t i = hwcur; i != head;) {
    const uint32_t ahead = i + kAhead < n ? i + kAhead : i;
    __builtin_prefetch(bufs + size_t{slots[ahead].buf_idx} * buf_size);  // wherever it leads: only a hint

    const SlotWord w = read_slot(slots[i]);
    constexpr uint32_t kUnusual = NS_MOREFRAG | NS_INDIRECT | NS_BUF_CHANGED;
    const bool usual = start == count && !(w.flags() & kUnusual) && w.len() - kMinFrame <= buf_size - kMinFrame &&
                       w.buf_idx() - kFirstBuffer < buf_total - kFirstBuffer;
    if (__builtin_expect(!usual, 0)) {
      if (w.flags() & NS_BUF_CHANGED) clear_buf_changed(slots[i]);
      if (count - start < kMostFrags) {
        good &= usable(r, w, i, count);
        batch_[count++] = w.bits;
      } else {
        good = false;
      }
      if ((w.flags() & NS_MOREFRAG) && r.next(i) != head) {
        i = r.next(i);
        continue;
      }
      // A frame has ended; one that the batch cuts off is sent as far as it goes, as VALE does.
      batch_[count - 1] &= ~(uint64_t{NS_MOREFRAG} << 48);
      good &= SlotWord{batch_[start]}.len() >= kMinFrame;
    } else {
      batch_[count++] = w.bits;
    }
    i = i + 1 == n ? 0 : i + 1;
    ++sent;
    if (__builtin_expect(!good, 0)) {
      ++bad;
      count = start;
      good = true;
      continue;
    }
    const uint8_t* frame = usual ? bufs + size_t{w.buf_idx()} * buf_size : data(r, start);
    const uint64_t target = load_mac(frame), source = load_mac(frame + 6);
    if (__builtin_expect(target != last_target || source != last_source, 0)) {
      last_target = target;
      last_source = source;
      const uint32_t here = route(target, source, r.id);
      if (here != way) {
        close_run(way, begin, start);
        way = here;
        begin = start;
      }
    }
    if (usual) {
      bytes += w.len();
    } else {
      for (uint32_t k = start; k < count; ++k) bytes += SlotWord{batch_[k]}.len();
    }
    start = count;
    if (count >= kBatch) {
      close_run(way, begin, count);
      flush(r);
      count = start = begin = 0;
    }
  }
  close_run(way, begin, start);
  flush(r);
  Kring& k = *r.kring;
  add(k.sent_packets, sent);
  add(k.sent_bytes, bytes);
  add(k.drop_bad, bad);
  add(k.drop_unroutable, unroutable_);
  NM_FAULT(kValeSent);
  k.hwcur.store(head, std::memory_order_relaxed);
  const uint32_t tail = r.prev(head);  // all slots are free again at once
  k.hwtail.store(tail, std::memory_order_relaxed);
  if (full_) look_for_dead_receivers();
  return tail;
}

void ValePath::close_run(uint32_t route, uint32_t begin, uint32_t end) {
  if (begin == end) return;
  if (route == kDrop) {
    unroutable_ += frames(begin, end);
    return;
  }
  Queue& q = route == kFlood ? flood_ : queues_[route];
  if (q.empty() && route != kFlood) touched_.push_back(route);
  const uint16_t run = static_cast<uint16_t>(run_count_++);
  runs_[run] = Run{static_cast<uint16_t>(begin), static_cast<uint16_t>(end), kEnd};
  (q.empty() ? q.first : runs_[q.last].next) = run;
  q.last = run;
}

// Floods go to ring 0 of all others. (The kernel's switch also gives them to any other ring that the same batch sends
// to, so that some arrive twice.)
void ValePath::flush(const RingView& r) {
  if (!flood_.empty()) {
    for (uint32_t p : others_) {
      if (queues_[p * kMaxRings].empty()) deliver(r, p, 0, Queue{}, flood_);
    }
    if (others_.empty()) unroutable_ += frames(flood_);
  }
  for (uint32_t q : touched_) {
    const uint32_t ring = q % kMaxRings;
    deliver(r, q / kMaxRings, ring, queues_[q], ring == 0 ? flood_ : Queue{});
    queues_[q] = Queue{};
  }
  touched_.clear();
  flood_ = Queue{};
  run_count_ = 0;
}

uint64_t ValePath::frames(uint32_t begin, uint32_t end) const {
  uint64_t n = 0;
  for (uint32_t k = begin; k < end; ++k) n += !(SlotWord{batch_[k]}.flags() & NS_MOREFRAG);
  return n;
}

uint64_t ValePath::frames(Queue queue) const {
  uint64_t n = 0;
  for (uint16_t run = queue.first; run != kEnd; run = runs_[run].next) n += frames(runs_[run].begin, runs_[run].end);
  return n;
}

// Copies the frames of both queues, in the order in which they were sent.
void ValePath::deliver(const RingView& from, uint32_t port, uint32_t ring, Queue own, Queue flood) {
  Peer& peer = peers_[port];
  PeerRing& to = peer.ring[ring];
  if (!to.current()) to.refresh(*control_, peer.adapter, ring);
  const uint64_t offered = frames(own) + frames(flood);
  if (!to.on) {
    unroutable_ += offered;
    return;
  }
  Kring& k = *to.kring;
  uint64_t delivered = 0, bytes = 0;
  {
    RobustLock::Hold lock(k.lock, to.stalled ? 0 : kLockTimeoutMs);
    to.stalled = !lock.held();
    if (to.stalled) {
      k.drop_busy.fetch_add(offered, std::memory_order_relaxed);
      return;
    }
    if (!to.current()) {  // closed while we waited
      unroutable_ += offered;
      return;
    }
    to.region->catch_up();
    const uint64_t* const batch = batch_;
    netmap_slot* const slots = to.slots;
    uint8_t* const bufs = to.bufs;
    const uint8_t* const from_bufs = from.bufs;
    const uint32_t n = to.n, buf_total = to.buf_total, buf_size = to.buf_size, from_size = from.buf_size;
    uint32_t tail = k.hwtail.load(std::memory_order_relaxed);
    uint32_t cur = k.hwcur.load(std::memory_order_acquire);
    if (tail >= n) tail = 0;
    if (cur >= n) cur = tail;
    uint32_t space = cur > tail ? cur - tail - 1 : cur + n - tail - 1;

    // One slot to the next free one of the receiver. It may have given a slot without a usable buffer: then it gets an
    // empty one.
    auto put = [&](SlotWord w, const uint8_t* data, uint64_t flags) {
      const SlotWord have = read_slot(slots[tail]);
      uint64_t len = w.len();
      if (__builtin_expect(have.buf_idx() - kFirstBuffer < buf_total - kFirstBuffer && len <= buf_size, 1)) {
        uint8_t* at = bufs + size_t{have.buf_idx()} * buf_size;
        if (__builtin_expect(w.flags() & NS_INDIRECT, 0)) {
          std::memcpy(at, data, len);
        } else {
          copy_lines(at, data, static_cast<uint32_t>(len));
        }
      } else {
        len = 0;
      }
      update_slot(slots[tail], uint64_t{have.buf_idx()} | len << 32 | flags << 48);
      tail = tail + 1 == n ? 0 : tail + 1;
      bytes += len;
    };

    NM_FAULT(kValeDelivering);
    uint16_t next = own.first, flooded = flood.first;
    bool full = false;
    while (!full && (next != kEnd || flooded != kEnd)) {
      // Runs are numbered in the order of their frames, and kEnd is above all.
      uint16_t& queue = next < flooded ? next : flooded;
      const Run run = runs_[queue];
      queue = run.next;
      for (uint32_t f = run.begin; f < run.end;) {
        const SlotWord w{batch[f]};
        if (__builtin_expect(!(w.flags() & (NS_MOREFRAG | NS_INDIRECT)), 1)) {
          if (space == 0) {
            full = true;
            break;
          }
          put(w, from_bufs + size_t{w.buf_idx()} * from_size, 1 << NS_PORT_SHIFT);
          --space;
          ++f;
        } else {
          uint32_t last = f;
          while (SlotWord{batch[last]}.flags() & NS_MOREFRAG) ++last;
          const uint32_t frags = last + 1 - f;
          if (frags > space) {  // what does not fit is lost, and so is all that comes after it in this batch
            full = true;
            break;
          }
          for (; f <= last; ++f) put({batch[f]}, data(from, f), frags << NS_PORT_SHIFT | (f < last ? NS_MOREFRAG : 0));
          space -= frags;
        }
        ++delivered;
      }
    }
    full_ |= full;
    add(k.packets, delivered);
    add(k.bytes, bytes);
    add(k.drop_full, offered - delivered);
    NM_FAULT(kValeCopied);
    k.hwtail.store(tail, std::memory_order_release);
    NM_FAULT(kValePublished);
  }
  if (delivered) bells_.wake(k, peer.adapter);
}

uint32_t ValePath::rx(RingView& r, uint32_t hwcur, uint32_t head) noexcept {
  for (uint32_t i = hwcur; i != head; i = r.next(i)) clear_buf_changed(r.slots[i]);
  NM_FAULT(kValeReleased);
  r.kring->hwcur.store(head, std::memory_order_release);
  const uint32_t tail = r.kring->hwtail.load(std::memory_order_acquire);
  return tail < r.n ? tail : head;
}

// A ring that stays full may belong to a process that was killed: whoever runs into it cleans up, once a second, unless
// somebody is at it already.
void ValePath::look_for_dead_receivers() {
  timespec ts;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
  if (ts.tv_sec == last_look_) return;
  last_look_ = ts.tv_sec;
  Control::Hold lock(*control_, 0);
  if (lock.status().ok()) Directory(*control_).sweep(false);
}

}  // namespace nm
