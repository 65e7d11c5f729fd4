#include "forward.h"

#include <cerrno>
#include <cstring>

namespace nm {
namespace {

// Slots of the frame that starts at `i`, 0 when its last one is not among the `left` slots.
uint32_t frame_slots(const RingSpan& ring, uint32_t i, uint32_t left) {
  for (uint32_t n = 1; n <= left; ++n, i = ring.next(i)) {
    if (!(ring.slots[i].flags & NS_MOREFRAG)) return n;
  }
  return 0;
}

// What a slot holds, checked: nothing that lies outside its buffer.
struct Bytes {
  const uint8_t* data = nullptr;
  uint32_t length = 0;
};

Bytes bytes_of(const RingSpan& ring, const netmap_slot& slot) {
  uint32_t index = slot.buf_idx;
  uint32_t length = slot.len;
  uint64_t offset = slot.ptr & ring.offset_mask;
  if (!ring.has(index) || offset > ring.buf_size || length > ring.buf_size - offset) return {};
  return {ring.buffers + static_cast<uint64_t>(index) * ring.buf_size + offset, length};
}

uint32_t pieces(uint32_t length, uint32_t room) {
  return length <= room || room == 0 ? 1 : (length + room - 1) / room;
}

}  // namespace

bool RingSpan::find(const Mapping& mapping, double ring_offset, double first, double slot_count) {
  const uint64_t size = mapping.size();
  const auto offset = static_cast<uint64_t>(ring_offset);
  if (offset % 8 != 0 || offset >= size || size - offset < sizeof(netmap_ring)) return false;
  auto* ring = reinterpret_cast<netmap_ring*>(mapping.base() + offset);
  num_slots = ring->num_slots;
  buf_size = ring->nr_buf_size;
  offset_mask = ring->offset_mask;
  const int64_t buf_ofs = ring->buf_ofs;
  if (num_slots == 0 || num_slots > (size - offset - sizeof(netmap_ring)) / sizeof(netmap_slot)) return false;
  if (buf_ofs < 0 || static_cast<uint64_t>(buf_ofs) > size - offset || buf_size == 0) return false;
  if (first >= num_slots || slot_count >= num_slots) return false;
  slots = ring->slots();
  buffers = mapping.base() + offset + buf_ofs;
  const uint64_t total = (size - offset - buf_ofs) / buf_size;
  buf_total = total > UINT32_MAX ? UINT32_MAX : static_cast<uint32_t>(total);
  head = static_cast<uint32_t>(first);
  count = static_cast<uint32_t>(slot_count);
  return true;
}

Forwarded forward_by_swap(const RingSpan& from, const RingSpan& to) {
  Forwarded moved;
  uint32_t i = from.head, j = to.head;
  while (moved.taken < from.count) {
    uint32_t n = frame_slots(from, i, from.count - moved.taken);
    if (n == 0 || n > to.count - moved.used) break;
    for (uint32_t k = 0; k < n; ++k, i = from.next(i), j = to.next(j)) {
      netmap_slot& source = from.slots[i];
      netmap_slot& target = to.slots[j];
      const netmap_slot received = source;
      source.buf_idx = target.buf_idx;
      source.ptr = target.ptr;
      source.flags = NS_BUF_CHANGED;
      target.buf_idx = received.buf_idx;
      target.len = received.len;
      target.ptr = received.ptr;
      target.flags = static_cast<uint16_t>(NS_BUF_CHANGED | (received.flags & NS_MOREFRAG));
    }
    moved.taken += n;
    moved.used += n;
  }
  return moved;
}

Forwarded forward_by_copy(const RingSpan& from, const RingSpan& to) {
  Forwarded moved;
  uint32_t i = from.head, j = to.head;
  while (moved.taken < from.count) {
    uint32_t n = frame_slots(from, i, from.count - moved.taken);
    if (n == 0) break;
    // A buffer of the target may be smaller than what the source's slots hold.
    uint32_t needed = 0;
    for (uint32_t k = 0, s = i; k < n; ++k, s = from.next(s)) {
      needed += pieces(bytes_of(from, from.slots[s]).length, to.buf_size);
    }
    if (needed > to.count - moved.used) {
      if (moved.taken == 0 && (needed > kMaxFrags || needed >= to.num_slots)) moved.err = EMSGSIZE;
      break;
    }
    for (uint32_t k = 0; k < n; ++k, i = from.next(i)) {
      Bytes rest = bytes_of(from, from.slots[i]);
      const bool last = k + 1 == n;
      do {
        netmap_slot& target = to.slots[j];
        const uint32_t index = target.buf_idx;
        const uint64_t offset = target.ptr & to.offset_mask;
        const uint32_t room = offset < to.buf_size ? to.buf_size - static_cast<uint32_t>(offset) : 0;
        uint32_t length = rest.length < to.buf_size ? rest.length : to.buf_size;
        if (!to.has(index) || length > room) length = 0;  // a slot without a buffer sends nothing
        if (length > 0) {
          memcpy(to.buffers + static_cast<uint64_t>(index) * to.buf_size + offset, rest.data, length);
        }
        const uint32_t step = rest.length < to.buf_size ? rest.length : to.buf_size;
        rest.data += step;
        rest.length -= step;
        target.len = static_cast<uint16_t>(length);
        target.flags = last && rest.length == 0 ? 0 : NS_MOREFRAG;
        j = to.next(j);
        ++moved.used;
      } while (rest.length > 0);
    }
    moved.taken += n;
  }
  return moved;
}

}  // namespace nm
