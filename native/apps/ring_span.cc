#include "ring_span.h"

namespace nm {

bool RingSpan::find(const Mapping& mapping, double ring_offset) {
  const uint64_t size = mapping.size();
  if (!(ring_offset >= 0 && ring_offset < 9007199254740992.0)) return false;
  const auto offset = static_cast<uint64_t>(ring_offset);
  if (offset % 8 != 0 || offset >= size || size - offset < sizeof(netmap_ring)) return false;
  auto* ring = reinterpret_cast<netmap_ring*>(mapping.base() + offset);
  num_slots = ring->num_slots;
  buf_size = ring->nr_buf_size;
  offset_mask = ring->offset_mask;
  const int64_t buf_ofs = ring->buf_ofs;
  if (num_slots == 0 || num_slots > (size - offset - sizeof(netmap_ring)) / sizeof(netmap_slot)) return false;
  if (buf_ofs < 0 || static_cast<uint64_t>(buf_ofs) > size - offset || buf_size == 0) return false;
  slots = ring->slots();
  buffers = mapping.base() + offset + buf_ofs;
  const uint64_t total = (size - offset - buf_ofs) / buf_size;
  buf_total = total > UINT32_MAX ? UINT32_MAX : static_cast<uint32_t>(total);
  head = count = 0;
  return true;
}

bool RingSpan::take(double first, double slot_count) {
  if (!(first >= 0 && first < num_slots && slot_count >= 0 && slot_count < num_slots)) return false;
  head = static_cast<uint32_t>(first);
  count = static_cast<uint32_t>(slot_count);
  return true;
}

}  // namespace nm
