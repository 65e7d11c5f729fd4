// From a sender's batch into another port's ring.
#include <cstring>

#include "fault.h"
#include "vale_inlet.h"

namespace nm {

namespace {

constexpr int kLockTimeoutMs = 50;  // a receiver's ring is held for microseconds; longer means a stopped process

// Buffers are whole cache lines at both ends, so whole lines may be copied: the bytes after the frame are nobody's.
inline void copy_lines(uint8_t* __restrict to, const uint8_t* __restrict from, uint32_t len) {
  __builtin_memcpy(to, from, 64);
  if (__builtin_expect(len > 64, 0)) std::memcpy(to + 64, from + 64, (len - 1) & ~63u);
}

}  // namespace

// Copies the frames of both queues, in the order in which they were sent.
template <bool kOffsets>
[[gnu::always_inline]] inline ValeInlet::Delivered ValeInlet::copy(const PeerRing& to, const Offsets& there, Queue own,
                                                                   Queue flood) const {
  uint64_t bytes = 0, delivered = 0;  // in registers
  bool full = false;
  const ValeBatch& frames = sending_.batch;
  const RingView& from = *frames.from;
  const uint64_t* const batch = frames.words;
  netmap_slot* const slots = to.slots;
  uint8_t* const bufs = to.bufs;
  const uint8_t* const from_bufs = from.bufs;
  const uint32_t n = to.n, buf_total = to.buf_total, buf_size = to.buf_size, from_size = from.buf_size;
  uint32_t tail = to.kring->hwtail.load(std::memory_order_relaxed);
  uint32_t cur = to.kring->hwcur.load(std::memory_order_acquire);
  if (tail >= n) tail = 0;
  if (cur >= n) cur = tail;
  const uint32_t first = tail;
  uint32_t space = cur > tail ? cur - tail - 1 : cur + n - tail - 1;

  // One slot to the next free one of the receiver. It may have given a slot without a usable buffer, or with less room
  // behind its offset than the frame needs: then it gets an empty one.
  auto put = [&](SlotWord w, const uint8_t* data, uint64_t flags) {
    const SlotWord have = read_slot(slots[tail]);
    uint64_t len = w.len();
    uint32_t offset = 0;
    if (kOffsets && there.on()) {
      const uint64_t ptr = read_ptr(slots[tail]);
      offset = there.of(ptr);
      // Too large a one is cut, and the receiver is told.
      if ((ptr & there.mask) != offset) write_ptr(slots[tail], (ptr & ~there.mask) | (offset & there.mask));
    }
    if (__builtin_expect(have.buf_idx() - kFirstBuffer < buf_total - kFirstBuffer && len + offset <= buf_size, 1)) {
      uint8_t* at = bufs + size_t{have.buf_idx()} * buf_size + offset;
      const bool lines = !(w.flags() & NS_INDIRECT) &&
                         !(kOffsets && (reinterpret_cast<uintptr_t>(at) | reinterpret_cast<uintptr_t>(data)) % 64);
      if (__builtin_expect(lines, 1)) {
        copy_lines(at, data, static_cast<uint32_t>(len));
      } else {
        std::memcpy(at, data, len);
      }
    } else {
      len = 0;
    }
    update_slot(slots[tail], uint64_t{have.buf_idx()} | len << 32 | flags << 48);
    tail = tail + 1 == n ? 0 : tail + 1;
    bytes += len;
  };

  while (!full && (own.first != kEnd || flood.first != kEnd)) {
    const Run run = take(own, flood);
    for (uint32_t f = run.begin; f < run.end;) {
      const SlotWord w{batch[f]};
      if (__builtin_expect(!(w.flags() & (NS_MOREFRAG | NS_INDIRECT)), 1)) {
        if (space == 0) {
          full = true;
          break;
        }
        const uint64_t offset = kOffsets && from.offsets.on() ? frames.address[f] : 0;
        put(w, from_bufs + size_t{w.buf_idx()} * from_size + offset, 1 << NS_PORT_SHIFT);
        --space;
        ++f;
      } else {
        const uint32_t end = frames.end_of(f), frags = end - f;
        if (frags > space) {  // what does not fit is lost, and so is all that comes after it in this batch
          full = true;
          break;
        }
        for (; f < end; ++f) {
          put({batch[f]}, frames.data(f), frags << NS_PORT_SHIFT | (f + 1 < end ? NS_MOREFRAG : 0));
        }
        space -= frags;
      }
      ++delivered;
    }
  }
  return {delivered, delivered, bytes, 0, first, tail, full};
}

void ValeInlet::deliver(uint32_t port, uint32_t ring, Queue own, Queue flood) {
  Peer& peer = peers_[port];
  if (peer.beyond != kNone) return pass_on(peer, own, flood);
  PeerRing& to = peer.ring[ring];
  if (!to.current()) to.refresh(control_, peer.adapter, ring);
  const uint64_t offered = frames(own) + frames(flood);
  if (!to.on) {
    sending_.unroutable += offered;
    return;
  }
  Kring& k = *to.kring;
  Delivered done{};
  uint64_t watched = 0;
  {
    RobustLock::Hold lock(k.lock, to.stalled ? 0 : kLockTimeoutMs);
    to.stalled = !lock.held();
    if (to.stalled) {
      k.drop_busy.fetch_add(offered, std::memory_order_relaxed);
      return;
    }
    if (!to.current()) {  // closed while we waited
      sending_.unroutable += offered;
      return;
    }
    to.region->catch_up();
    Offsets there;
    there.refresh(k, to.buf_size);
    NM_FAULT(kValeDelivering);
    const ValeBatch& batch = sending_.batch;
    if (peer.header != batch.header) {
      done = convert(to, there, peer.header, own, flood);
      sending_.bad += done.bad;
    } else if (batch.from->offsets.on() || there.on()) {
      done = copy<true>(to, there, own, flood);
    } else {
      done = copy<false>(to, there, own, flood);
    }
    sending_.full |= done.full;
    add(k.packets, done.packets);
    add(k.bytes, done.bytes);
    add(k.drop_full, offered - done.frames - done.bad);
    NM_FAULT(kValeCopied);
    watched = k.watched.load(std::memory_order_relaxed);
    if (__builtin_expect(watched != 0, 0) && done.tail != done.first) {
      const ShownSlots shown{to.slots, to.bufs, to.n, to.buf_total, to.buf_size, there, false};
      sending_.monitors.of(peer.adapter, ring).show(shown, done.first, done.tail, watched);
    }
    k.hwtail.store(done.tail, std::memory_order_release);
    NM_FAULT(kValePublished);
  }
  if (done.packets) sending_.bells.wake(k, peer.adapter);
  if (__builtin_expect(watched != 0, 0)) sending_.monitors.of(peer.adapter, ring).wake();
}

}  // namespace nm
