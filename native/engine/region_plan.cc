#include "region_plan.h"

#include <algorithm>
#include <cerrno>
#include <string>

#include "../abi/memory.h"
#include "bitmap.h"
#include "region.h"

namespace nm {

namespace {

// One pool of external memory, taken from what is left.
Status take(const char* what, uint32_t count, uint32_t size, uint64_t* left) {
  const uint64_t bytes = uint64_t{count} * size;
  if (bytes <= *left) {
    *left -= bytes;
    return {};
  }
  return Status::failure(ENOMEM, "extmem",
                         std::to_string(count) + " " + what + " of " + std::to_string(size) + " bytes take " +
                             std::to_string(bytes) + " bytes, the memory has " + std::to_string(*left) +
                             " for them: give more, or ask for fewer or smaller ones");
}

}  // namespace

RegionPlan RegionPlan::global(const Limits& limits) {
  return RegionPlan{limits.if_num, kIfSize, limits.ring_num, limits.ring_size, limits.buf_num, limits.buf_size};
}

RegionPlan RegionPlan::port(const Limits& limits, const uint32_t rings[2], const uint32_t slots[2],
                            uint32_t extra_bufs) {
  const uint64_t share = 4 * limits.pipes + 2;
  const uint64_t n_rings = rings[0] + rings[1];
  const uint64_t n_slots = uint64_t{rings[0]} * slots[0] + uint64_t{rings[1]} * slots[1];
  const uint64_t longest = sizeof(netmap_ring) + sizeof(netmap_slot) * uint64_t{std::max(slots[0], slots[1])};
  RegionPlan p;
  p.if_size = kIfSize;
  p.if_total = static_cast<uint32_t>(std::max<uint64_t>({share + 2, 2 * n_rings + 2, limits.priv_if_num}));
  // Room for the default length, so that pipes of a port with short rings are not bound by them.
  p.ring_size = static_cast<uint32_t>(round_up(std::max<uint64_t>(longest, limits.priv_ring_size)));
  p.ring_total =
      static_cast<uint32_t>(std::max<uint64_t>(share * std::max<uint64_t>(n_rings, 1), limits.priv_ring_num));
  p.buf_size = limits.buf_size;
  const uint64_t need = n_slots + 2;
  uint64_t wanted = share * n_slots + 2;
  // Room for pipes is kept within 1 GiB; what the port itself needs may go to 2.
  const uint64_t limit = need * limits.buf_size > uint64_t{1} << 29 ? uint64_t{1} << 31 : uint64_t{1} << 30;
  const uint64_t most = (limit - (uint64_t{p.ring_total} * p.ring_size + (8u << 20))) / p.buf_size;
  if (wanted > most) wanted = most > need ? most : need;
  if (wanted < limits.priv_buf_num) wanted = std::min<uint64_t>(limits.priv_buf_num, most);
  wanted += extra_bufs;
  if (wanted > most) wanted = most;
  p.buf_total = static_cast<uint32_t>(wanted);
  return p;
}

Status RegionPlan::external(const Limits& limits, const nmreq_pools_info& wanted, uint64_t size, uint32_t page,
                            RegionPlan* out) {
  const auto or_else = [](uint32_t n, uint32_t otherwise) { return n ? n : otherwise; };
  RegionPlan p;
  p.if_total = or_else(wanted.nr_if_pool_objtotal, limits.priv_if_num);
  p.if_size = or_else(wanted.nr_if_pool_objsize, kIfSize);
  p.ring_total = or_else(wanted.nr_ring_pool_objtotal, limits.priv_ring_num);
  p.ring_size = or_else(wanted.nr_ring_pool_objsize, limits.priv_ring_size);
  p.buf_total = or_else(wanted.nr_buf_pool_objtotal, limits.priv_buf_num);
  p.buf_size = or_else(wanted.nr_buf_pool_objsize, limits.buf_size);
  p.page = page;
  p.given = size;
  uint64_t left = wanted.nr_memsize;
  Status s = take("interface objects", p.if_total, p.if_size, &left);
  if (s.ok()) s = take("ring objects", p.ring_total, p.ring_size, &left);
  if (s.ok()) s = take("buffers", p.buf_total, p.buf_size, &left);
  if (!s.ok()) return s;
  // Pools begin at whole pages, which the sums above leave out: as many buffers as there are room for.
  const uint64_t room = size > p.buf_ofs() ? (size - p.buf_ofs()) / p.buf_size : 0;
  const uint64_t surplus = (left + p.buf_size - 1) / p.buf_size;
  p.buf_total = static_cast<uint32_t>(std::min<uint64_t>(p.buf_total + surplus, std::min<uint64_t>(room, UINT32_MAX)));
  if (p.memsize() > size || p.file_size() >= uint64_t{1} << 31) {
    return Status::failure(ENOMEM, "extmem",
                           "the engine can use at most 2047 MiB of external memory, and all of it must hold more than "
                           "the interfaces and rings: " +
                               std::to_string(size >> 20) + " MiB were given");
  }
  if (!p.sane()) {
    return Status::failure(EINVAL, "extmem",
                           "sizes that the engine cannot do: interface objects are multiples of 8 from 56 bytes, rings "
                           "multiples of 128 from 256 (16 more for each slot), buffers multiples of 64 from 64 to "
                           "65472, and there must be more than 2 buffers; asked for are " +
                               std::to_string(p.if_size) + ", " + std::to_string(p.ring_size) + " and " +
                               std::to_string(p.buf_size) + " bytes, and there is room for " +
                               std::to_string(p.buf_total) + " buffers");
  }
  *out = p;
  return s;
}

uint64_t RegionPlan::ring_ofs() const {
  return round_up(uint64_t{if_total} * if_size);
}
uint64_t RegionPlan::buf_ofs() const {
  return ring_ofs() + round_up(uint64_t{ring_total} * ring_size);
}
uint64_t RegionPlan::memsize() const {
  return buf_ofs() + round_up(uint64_t{buf_total} * buf_size);
}
uint64_t RegionPlan::books_ofs() const {
  return round_up(std::max(memsize(), given), page);
}
uint64_t RegionPlan::file_size() const {
  return round_up(books_ofs() + sizeof(RegionMarks) + bitmap_bytes(if_total) + bitmap_bytes(ring_total) +
                  bitmap_bytes(buf_total));
}

bool RegionPlan::sane() const {
  return if_total > 0 && if_size >= sizeof(netmap_if) && if_size % 8 == 0 && ring_total > 0 &&
         ring_size >= sizeof(netmap_ring) && ring_size % kCacheAlign == 0 && buf_total > kFirstBuffer &&
         buf_size >= 64 && buf_size % 64 == 0 && if_size <= 1 << 20 && ring_size <= 1 << 24 && buf_size <= 65535 &&
         if_total <= 1 << 20 && ring_total <= 1 << 20 && page >= kPageSize && page <= 1 << 30 &&
         (page & (page - 1)) == 0 && given < uint64_t{1} << 31 && file_size() < uint64_t{1} << 31;
}

}  // namespace nm
