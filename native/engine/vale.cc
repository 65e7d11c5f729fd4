#include "vale.h"

#include <time.h>

#include "directory.h"
#include "fault.h"

namespace nm {

namespace {

constexpr uint32_t kMinFrame = ValeBatch::kMinFrame;
constexpr uint32_t kAhead = 8;  // slots between a prefetch and its use

}  // namespace

ValePath::ValePath(std::shared_ptr<Control> control, uint32_t switch_index, uint32_t port, uint32_t adapter,
                   const IndirectRanges* indirect)
    : sending_(std::move(control), switch_index),
      inlet_(sending_, switch_index),
      adapter_(sending_.control->adapter(adapter)),
      indirect_(indirect) {
  inlet_.enter(port, adapter);
}

// Whether the slot's data may be read. Keeps an indirect slot's address, and an offset, for later: they must not change
// any more.
bool ValePath::usable(const RingView& r, SlotWord w, uint32_t slot, uint32_t fragment) {
  if (w.len() > r.buf_size) return false;
  if (w.flags() & NS_INDIRECT) {
    sending_.batch.address[fragment] = read_ptr(r.slots[slot]);
    return indirect_->anything() ? stage(r, fragment, w.len())
                                 : indirect_->allows(sending_.batch.address[fragment], w.len());
  }
  sending_.batch.address[fragment] = r.offsets.of(read_ptr(r.slots[slot]));
  return w.buf_idx() >= kFirstBuffer && w.buf_idx() < r.buf_total &&
         w.len() <= r.buf_size - sending_.batch.address[fragment];
}

// Fetches an indirect slot's data: from here on it is memory of our own.
bool ValePath::stage(const RingView& r, uint32_t fragment, uint32_t len) {
  if (sending_.batch.address[fragment] == 0) return false;
  if (!staging_) staging_ = Staging::make(sending_.control->folder(), size_t{ValeBatch::kRoom} * r.buf_size);
  if (!staging_) return false;
  sending_.batch.address[fragment] = reinterpret_cast<uintptr_t>(
      staging_->fetch(size_t{fragment} * r.buf_size, sending_.batch.address[fragment], len));
  return sending_.batch.address[fragment] != 0;
}

uint32_t ValePath::tx(RingView& r, uint32_t hwcur, uint32_t head) noexcept {
  if (inlet_.refresh()) sending_.batch.header = vnet_header_of(adapter_);
  const bool plain = !r.offsets.on() && sending_.batch.header == 0;
  return plain ? send<true>(r, hwcur, head) : send<false>(r, hwcur, head);
}

template <bool kPlain>
uint32_t ValePath::send(RingView& r, uint32_t hwcur, uint32_t head) noexcept {
  ValeBatch& batch = sending_.batch;
  batch.from = &r;
  sending_.full = false;
  sending_.unroutable = sending_.bad = 0;
  const uint32_t header = kPlain ? 0 : batch.header;
  uint64_t* const words = batch.words;
  uint64_t sent = 0, bytes = 0, bad = 0;
  // Neighbours mostly come from and go to the same places: then there is nothing to look up.
  uint64_t last_target = ~uint64_t{0}, last_source = ~uint64_t{0};
  uint32_t way = ValeInlet::kFlood;  // of the present run
  uint32_t count = 0, begin = 0;     // slots in the batch; the present run's first
  uint32_t start = 0;                // the present frame's first
  bool good = true;
  const uint32_t n = r.n, buf_total = r.buf_total, buf_size = r.buf_size;
  netmap_slot* const slots = r.slots;
  uint8_t* const bufs = r.bufs;
  for (uint32_t i = hwcur; i != head;) {
    const uint32_t ahead = i + kAhead < n ? i + kAhead : i;
    __builtin_prefetch(bufs + size_t{slots[ahead].buf_idx} * buf_size);  // wherever it leads: only a hint

    const SlotWord w = read_slot(slots[i]);
    constexpr uint32_t kUnusual = NS_MOREFRAG | NS_INDIRECT | NS_BUF_CHANGED;
    const uint32_t offset = !kPlain && r.offsets.on() ? r.offsets.of(read_ptr(slots[i])) : 0;
    const bool fits = kPlain ? w.len() - kMinFrame <= buf_size - kMinFrame
                             : w.len() >= header + kMinFrame && w.len() + offset <= buf_size;
    const bool usual =
        start == count && !(w.flags() & kUnusual) && fits && w.buf_idx() - kFirstBuffer < buf_total - kFirstBuffer;
    if (__builtin_expect(!usual, 0)) {
      if (w.flags() & NS_BUF_CHANGED) clear_buf_changed(slots[i]);
      if (count - start < ValeBatch::kMostFrags) {
        good &= usable(r, w, i, count);
        words[count++] = w.bits;
      } else {
        good = false;
      }
      if ((w.flags() & NS_MOREFRAG) && r.next(i) != head) {
        i = r.next(i);
        continue;
      }
      // A frame has ended; one that the batch cuts off is sent as far as it goes, as VALE does.
      words[count - 1] &= ~(uint64_t{NS_MOREFRAG} << 48);
      good = good && batch.has_addresses(start);
    } else {
      if (!kPlain) batch.address[count] = offset;
      words[count++] = w.bits;
    }
    i = i + 1 == n ? 0 : i + 1;
    ++sent;
    if (__builtin_expect(!good, 0)) {
      ++bad;
      count = start;
      good = true;
      continue;
    }
    const uint8_t* frame = usual ? bufs + size_t{w.buf_idx()} * buf_size + offset + header : batch.addresses(start);
    const uint64_t target = load_mac(frame), source = load_mac(frame + 6);
    if (__builtin_expect(target != last_target || source != last_source, 0)) {
      last_target = target;
      last_source = source;
      const uint32_t here = inlet_.route(target, source, r.id);
      if (here != way) {
        inlet_.add_run(way, begin, start);
        way = here;
        begin = start;
      }
    }
    if (usual) {
      bytes += w.len();
    } else {
      for (uint32_t k = start; k < count; ++k) bytes += batch.len(k);
    }
    start = count;
    if (count >= ValeBatch::kSlots) {
      inlet_.add_run(way, begin, count);
      flush();
      count = start = begin = 0;
    }
  }
  inlet_.add_run(way, begin, start);
  flush();
  Kring& k = *r.kring;
  add(k.sent_packets, sent);
  add(k.sent_bytes, bytes);
  add(k.drop_bad, bad + sending_.bad);
  add(k.drop_unroutable, sending_.unroutable);
  NM_FAULT(kValeSent);
  k.hwcur.store(head, std::memory_order_relaxed);
  const uint32_t tail = r.prev(head);  // all slots are free again at once
  k.hwtail.store(tail, std::memory_order_relaxed);
  if (sending_.full) look_for_dead_receivers();
  return tail;
}

void ValePath::flush() {
  sending_.passes = 0;
  inlet_.flush();
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
  Control::Hold lock(*sending_.control, 0);
  if (lock.status().ok()) Directory(*sending_.control).sweep(false);
}

}  // namespace nm
