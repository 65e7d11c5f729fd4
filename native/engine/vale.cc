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

}  // namespace

ValePath::ValePath(std::shared_ptr<Control> control, uint32_t switch_index, uint32_t port, uint32_t adapter,
                   const IndirectRanges* indirect)
    : control_(std::move(control)),
      switch_(control_->vale(switch_index)),
      port_(port),
      adapter_(adapter),
      indirect_(indirect),
      bells_(control_),
      monitors_(control_, &bells_),
      epoch_(switch_.epoch.load() - 1),
      peers_(control_->limits().ports),
      queues_(size_t{control_->limits().ports} * kMaxRings) {
  others_.reserve(control_->limits().ports);
  touched_.reserve(queues_.size());
}

// After a port joined or left. Rings are looked at again by their own generations.
void ValePath::refresh_ports() {
  epoch_ = switch_.epoch.load(std::memory_order_acquire);
  // A persistent port may have been detached under its users' hands: then there is nobody to send to.
  attached_ = switch_.ports[port_].load(std::memory_order_acquire) == adapter_ + 1;
  others_.clear();
  for (uint32_t p = 0; p < peers_.size(); ++p) {
    const uint32_t a = switch_.ports[p].load(std::memory_order_acquire) - 1;
    Peer& peer = peers_[p];
    if (a >= control_->adapters() || !attached_) {
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

// Whether the slot's data may be read. Keeps an indirect slot's address, and an offset, for later: they must not change
// any more.
bool ValePath::usable(const RingView& r, SlotWord w, uint32_t slot, uint32_t fragment) {
  if (w.len() > r.buf_size) return false;
  if (w.flags() & NS_INDIRECT) {
    address_[fragment] = read_ptr(r.slots[slot]);
    return indirect_->anything() ? stage(r, fragment, w.len()) : indirect_->allows(address_[fragment], w.len());
  }
  address_[fragment] = r.offsets.of(read_ptr(r.slots[slot]));
  return w.buf_idx() >= kFirstBuffer && w.buf_idx() < r.buf_total && w.len() <= r.buf_size - address_[fragment];
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

// Learns where a frame comes from; says where it goes to: a queue, kFlood or kDrop.
uint32_t ValePath::route(uint64_t target, uint64_t source, uint32_t ring) {
  if (!is_group(source) && attached_) {
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
  return r.offsets.on() ? send<true>(r, hwcur, head) : send<false>(r, hwcur, head);
}

template <bool kOffsets>
uint32_t ValePath::send(RingView& r, uint32_t hwcur, uint32_t head) noexcept {
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
    const uint32_t offset = kOffsets ? r.offsets.of(read_ptr(slots[i])) : 0;
    const bool fits =
        kOffsets ? w.len() >= kMinFrame && w.len() + offset <= buf_size : w.len() - kMinFrame <= buf_size - kMinFrame;
    const bool usual =
        start == count && !(w.flags() & kUnusual) && fits && w.buf_idx() - kFirstBuffer < buf_total - kFirstBuffer;
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
      if (kOffsets) address_[count] = offset;
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
    const uint8_t* frame = usual ? bufs + size_t{w.buf_idx()} * buf_size + offset : data(r, start);
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
