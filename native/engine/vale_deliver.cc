// From a sender's batch into another port's ring.
#include <cstring>

#include "fault.h"
#include "vale.h"

namespace nm {

namespace {

constexpr int kLockTimeoutMs = 50;  // a receiver's ring is held for microseconds; longer means a stopped process

// Buffers are whole cache lines at both ends, so whole lines may be copied: the bytes after the frame are nobody's.
inline void copy_lines(uint8_t* __restrict to, const uint8_t* __restrict from, uint32_t len) {
  __builtin_memcpy(to, from, 64);
  if (__builtin_expect(len > 64, 0)) std::memcpy(to + 64, from + 64, (len - 1) & ~63u);
}

}  // namespace

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
  Delivered done;
  uint64_t watched = 0;
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
    Offsets there;
    there.refresh(k, to.buf_size);
    NM_FAULT(kValeDelivering);
    done = from.offsets.on() || there.on() ? copy<true>(from, to, there, own, flood)
                                           : copy<false>(from, to, there, own, flood);
    full_ |= done.full;
    add(k.packets, done.frames);
    add(k.bytes, done.bytes);
    add(k.drop_full, offered - done.frames);
    NM_FAULT(kValeCopied);
    watched = k.watched.load(std::memory_order_relaxed);
    if (__builtin_expect(watched != 0, 0) && done.tail != done.first) {
      const ShownSlots shown{to.slots, to.bufs, to.n, to.buf_total, to.buf_size, there, false};
      monitors_.of(peer.adapter, ring).show(shown, done.first, done.tail, watched);
    }
    k.hwtail.store(done.tail, std::memory_order_release);
    NM_FAULT(kValePublished);
  }
  if (done.frames) bells_.wake(k, peer.adapter);
  if (__builtin_expect(watched != 0, 0)) monitors_.of(peer.adapter, ring).wake();
}

template <bool kOffsets>
ValePath::Delivered ValePath::copy(const RingView& from, const PeerRing& to, const Offsets& there, Queue own,
                                   Queue flood) {
  Delivered done;
  const uint64_t* const batch = batch_;
  netmap_slot* const slots = to.slots;
  uint8_t* const bufs = to.bufs;
  const uint8_t* const from_bufs = from.bufs;
  const uint32_t n = to.n, buf_total = to.buf_total, buf_size = to.buf_size, from_size = from.buf_size;
  uint32_t tail = to.kring->hwtail.load(std::memory_order_relaxed);
  uint32_t cur = to.kring->hwcur.load(std::memory_order_acquire);
  if (tail >= n) tail = 0;
  if (cur >= n) cur = tail;
  done.first = tail;
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
    done.bytes += len;
  };

  uint16_t next = own.first, flooded = flood.first;
  while (!done.full && (next != kEnd || flooded != kEnd)) {
    // Runs are numbered in the order of their frames, and kEnd is above all.
    uint16_t& queue = next < flooded ? next : flooded;
    const Run run = runs_[queue];
    queue = run.next;
    for (uint32_t f = run.begin; f < run.end;) {
      const SlotWord w{batch[f]};
      if (__builtin_expect(!(w.flags() & (NS_MOREFRAG | NS_INDIRECT)), 1)) {
        if (space == 0) {
          done.full = true;
          break;
        }
        const uint64_t offset = kOffsets && from.offsets.on() ? address_[f] : 0;
        put(w, from_bufs + size_t{w.buf_idx()} * from_size + offset, 1 << NS_PORT_SHIFT);
        --space;
        ++f;
      } else {
        uint32_t last = f;
        while (SlotWord{batch[last]}.flags() & NS_MOREFRAG) ++last;
        const uint32_t frags = last + 1 - f;
        if (frags > space) {  // what does not fit is lost, and so is all that comes after it in this batch
          done.full = true;
          break;
        }
        for (; f <= last; ++f) put({batch[f]}, data(from, f), frags << NS_PORT_SHIFT | (f < last ? NS_MOREFRAG : 0));
        space -= frags;
      }
      ++done.frames;
    }
  }
  done.tail = tail;
  return done;
}

}  // namespace nm
