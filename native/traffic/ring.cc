#include "ring.h"

namespace nm::traffic {

bool Ring::bind(const Mapping& mapping, uint64_t offset) {
  const uint64_t size = mapping.size();
  if (offset % 8 != 0 || offset >= size || size - offset < sizeof(netmap_ring)) return false;
  auto* ring = reinterpret_cast<netmap_ring*>(mapping.base() + offset);
  const uint32_t slots = ring->num_slots;
  const uint32_t buf_size = ring->nr_buf_size;
  const int64_t buf_ofs = ring->buf_ofs;
  if (slots < 2 || slots > (size - offset - sizeof(netmap_ring)) / sizeof(netmap_slot)) return false;
  if (buf_ofs < 0 || static_cast<uint64_t>(buf_ofs) > size - offset || buf_size == 0) return false;
  const uint64_t total = (size - offset - static_cast<uint64_t>(buf_ofs)) / buf_size;
  ring_ = ring;
  slots_ = ring->slots();
  buffers_ = mapping.base() + offset + buf_ofs;
  region_ = mapping.base();
  size_ = slots;
  buf_size_ = buf_size;
  buffers_total_ = total > UINT32_MAX ? UINT32_MAX : static_cast<uint32_t>(total);
  offset_mask_ = ring->offset_mask;
  return true;
}

}  // namespace nm::traffic
