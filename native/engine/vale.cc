#include "vale.h"

#include <time.h>

#include <algorithm>
#include <cstring>

#include "directory.h"

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

bool ValePath::read_fragment(const RingView& r, SlotWord w, uint32_t slot, Fragment* out) const {
  out->len = static_cast<uint16_t>(w.len());
  out->exact = (w.flags() & NS_INDIRECT) != 0;
  if (w.len() > r.buf_size) return false;
  if (w.flags() & NS_INDIRECT) {
    const uint64_t address = __atomic_load_n(&r.slots[slot].ptr, __ATOMIC_RELAXED);
    out->data = reinterpret_cast<const uint8_t*>(address);
    return indirect_->allows(address, w.len());
  }
  if (w.buf_idx() < kFirstBuffer || w.buf_idx() >= r.buf_total) return false;
  out->data = r.bufs + size_t{w.buf_idx()} * r.buf_size;
  return true;
}

uint32_t ValePath::tx(RingView& r, uint32_t hwcur, uint32_t head) noexcept {
  if (switch_.epoch.load(std::memory_order_acquire) != epoch_) refresh_ports();
  full_ = false;
  unroutable_ = 0;
  last_source_ = last_target_ = 1;  // no frame is routed by a group address
  uint64_t frames = 0, bytes = 0, bad = 0;
  uint32_t count = 0, start = 0;  // fragments in the batch; the first of the present frame
  bool good = true;
  const uint32_t n = r.n, buf_total = r.buf_total, buf_size = r.buf_size;
  netmap_slot* const slots = r.slots;
  uint8_t* const bufs = r.bufs;
  for (uint32_t i = hwcur; i != head;) {
    const uint32_t ahead = i + kAhead < n ? i + kAhead : i;
    const uint32_t soon = slots[ahead].buf_idx;
    if (soon < buf_total) __builtin_prefetch(bufs + size_t{soon} * buf_size);

    const SlotWord w = read_slot(slots[i]);
    Fragment& f = batch_[count];
    constexpr uint32_t kUnusual = NS_MOREFRAG | NS_INDIRECT | NS_BUF_CHANGED;
    if (__builtin_expect(start == count && !(w.flags() & kUnusual) && w.len() - kMinFrame <= buf_size - kMinFrame &&
                             w.buf_idx() - kFirstBuffer < buf_total - kFirstBuffer,
                         1)) {
      f = Fragment{bufs + size_t{w.buf_idx()} * buf_size, static_cast<uint16_t>(w.len()), kEnd, 1, 0};
      bytes += w.len();
      ++frames;
      route(count, r.id);
      start = ++count;
      i = i + 1 == n ? 0 : i + 1;
    } else {
      if (w.flags() & NS_BUF_CHANGED) clear_buf_changed(slots[i]);
      if (count - start < kMostFrags) {
        good &= read_fragment(r, w, i, &f);
        ++count;
      } else {
        good = false;
      }
      i = i + 1 == n ? 0 : i + 1;
      if ((w.flags() & NS_MOREFRAG) && i != head) continue;
      // A frame has ended; one that the batch cuts off is sent as far as it goes, as VALE does.
      ++frames;
      if (good && batch_[start].len >= kMinFrame) {
        batch_[start].frags = static_cast<uint16_t>(count - start);
        for (uint32_t k = start; k < count; ++k) bytes += batch_[k].len;
        route(start, r.id);
        start = count;
      } else {
        ++bad;
        count = start;
        good = true;
      }
    }
    if (start >= kBatch) {
      flush();
      count = start = 0;
    }
  }
  if (start) flush();
  Kring& k = *r.kring;
  add(k.sent_packets, frames);
  add(k.sent_bytes, bytes);
  add(k.drop_bad, bad);
  add(k.drop_unroutable, unroutable_);
  k.hwcur.store(head, std::memory_order_relaxed);
  const uint32_t tail = r.prev(head);  // all slots are free again at once
  k.hwtail.store(tail, std::memory_order_relaxed);
  if (full_) look_for_dead_receivers();
  return tail;
}

inline void ValePath::append(Queue& q, uint32_t frame) {
  batch_[frame].next = kEnd;
  if (q.empty()) {
    q.first = static_cast<uint16_t>(frame);
  } else {
    batch_[q.last].next = static_cast<uint16_t>(frame);
  }
  q.last = static_cast<uint16_t>(frame);
}

// Learns where the frame comes from and puts it on the queue of where it goes to.
inline void ValePath::route(uint32_t frame, uint32_t ring) {
  const uint8_t* data = batch_[frame].data;
  const uint64_t target = load_mac(data), source = load_mac(data + 6);
  if (source != last_source_ && !is_group(source)) {
    last_source_ = source;
    Shared<uint64_t>& entry = switch_.learned[hash(source)];
    const uint64_t known = source << 16 | (port_ + 1);
    if (entry.load(std::memory_order_relaxed) != known) entry.store(known, std::memory_order_relaxed);
    last_target_ = 1;  // this may have changed where the next one goes
  }
  if (is_group(target)) return append(flood_, frame);
  if (target != last_target_) {
    last_target_ = target;
    last_route_ = look_up(target);
  }
  const uint32_t port = last_route_;
  if (port == kFlood) return append(flood_, frame);
  if (port == kDrop) {
    ++unroutable_;
    return;
  }
  const uint32_t rings = peers_[port].rings;
  const uint32_t q = port * kMaxRings + (ring < rings ? ring : rings ? ring % rings : 0);
  if (queues_[q].empty()) touched_.push_back(q);
  append(queues_[q], frame);
}

// Floods go to ring 0 of all others. (The kernel's switch also gives them to any other ring that the same batch sends
// to, so that some arrive twice.)
void ValePath::flush() {
  if (!flood_.empty()) {
    for (uint32_t p : others_) {
      const uint32_t q = p * kMaxRings;
      if (queues_[q].empty()) deliver(p, 0, Queue{}, flood_);
    }
    if (others_.empty()) unroutable_ += length(flood_);
  }
  for (uint32_t q : touched_) {
    const uint32_t ring = q % kMaxRings;
    deliver(q / kMaxRings, ring, queues_[q], ring == 0 ? flood_ : Queue{});
    queues_[q] = Queue{};
  }
  touched_.clear();
  flood_ = Queue{};
}

uint64_t ValePath::length(Queue queue) const {
  uint64_t n = 0;
  for (uint16_t f = queue.first; f != kEnd; f = batch_[f].next) ++n;
  return n;
}

// Copies the frames of both queues, in the order in which they were sent.
void ValePath::deliver(uint32_t port, uint32_t ring, Queue own, Queue flood) {
  Peer& peer = peers_[port];
  PeerRing& to = peer.ring[ring];
  if (!to.current()) to.refresh(*control_, peer.adapter, ring);
  if (!to.on) {
    unroutable_ += length(own) + length(flood);
    return;
  }
  Kring& k = *to.kring;
  uint64_t frames = 0, bytes = 0;
  {
    RobustLock::Hold lock(k.lock, to.stalled ? 0 : kLockTimeoutMs);
    to.stalled = !lock.held();
    if (to.stalled) {
      k.drop_busy.fetch_add(length(own) + length(flood), std::memory_order_relaxed);
      return;
    }
    if (!to.current()) {  // closed while we waited
      unroutable_ += length(own) + length(flood);
      return;
    }
    const Fragment* const batch = batch_;
    netmap_slot* const slots = to.slots;
    uint8_t* const bufs = to.bufs;
    const uint32_t n = to.n, buf_total = to.buf_total, buf_size = to.buf_size;
    uint32_t tail = k.hwtail.load(std::memory_order_relaxed);
    uint32_t cur = k.hwcur.load(std::memory_order_acquire);
    if (tail >= n) tail = 0;
    if (cur >= n) cur = tail;
    uint32_t space = cur > tail ? cur - tail - 1 : cur + n - tail - 1;
    uint32_t next = own.first, flooded = flood.first;
    for (;;) {
      const uint32_t first = next < flooded ? next : flooded;  // kEnd is above all others
      if (first == kEnd) break;
      const uint32_t frags = batch[first].frags;
      if (frags > space) break;  // what does not fit is lost, and all that comes after it in this batch
      (next < flooded ? next : flooded) = batch[first].next;
      space -= frags;
      for (uint32_t left = frags; left > 0; --left) {
        const Fragment& from = batch[first + frags - left];
        const SlotWord w = read_slot(slots[tail]);
        uint32_t len = from.len;
        if (__builtin_expect(w.buf_idx() - kFirstBuffer < buf_total - kFirstBuffer && len <= buf_size, 1)) {
          uint8_t* data = bufs + size_t{w.buf_idx()} * buf_size;
          if (__builtin_expect(from.exact, 0)) {
            std::memcpy(data, from.data, len);
          } else {
            copy_lines(data, from.data, len);
          }
        } else {
          len = 0;  // the receiver gave a slot without a usable buffer: it gets an empty frame
        }
        const uint64_t flags = frags << NS_PORT_SHIFT | (left > 1 ? NS_MOREFRAG : 0);
        update_slot(slots[tail], uint64_t{w.buf_idx()} | uint64_t{len} << 32 | flags << 48);
        tail = tail + 1 == n ? 0 : tail + 1;
        bytes += len;
      }
      ++frames;
    }
    const uint64_t dropped =
        length(Queue{static_cast<uint16_t>(next), 0}) + length(Queue{static_cast<uint16_t>(flooded), 0});
    if (dropped) full_ = true;
    add(k.packets, frames);
    add(k.bytes, bytes);
    add(k.drop_full, dropped);
    k.hwtail.store(tail, std::memory_order_release);
  }
  if (frames) bells_.wake(k, peer.adapter);
}

uint32_t ValePath::rx(RingView& r, uint32_t hwcur, uint32_t head) noexcept {
  for (uint32_t i = hwcur; i != head; i = r.next(i)) clear_buf_changed(r.slots[i]);
  r.kring->hwcur.store(head, std::memory_order_release);
  const uint32_t tail = r.kring->hwtail.load(std::memory_order_acquire);
  return tail < r.n ? tail : head;
}

// A ring that stays full may belong to a process that was killed: whoever runs into it cleans up, once a second.
void ValePath::look_for_dead_receivers() {
  timespec ts;
  clock_gettime(CLOCK_MONOTONIC_COARSE, &ts);
  if (ts.tv_sec == last_look_) return;
  last_look_ = ts.tv_sec;
  Control::Hold lock(*control_);
  if (lock.status().ok()) Directory(*control_).sweep(false);
}

}  // namespace nm
