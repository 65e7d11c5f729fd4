// How a region's memory is divided: interfaces, rings, buffers.
#pragma once

#include <cstdint>

#include "../abi/request.h"
#include "../base/pages.h"
#include "limits.h"

namespace nm {

inline constexpr uint32_t kIfSize = 1024;     // of an interface object, unless told otherwise
inline constexpr uint32_t kGlobalRegion = 1;  // memory id that always exists

// How many objects of what size a region has room for. Room costs address space only: see Region::reserve.
struct RegionPlan {
  uint32_t if_total = 0, if_size = 0;
  uint32_t ring_total = 0, ring_size = 0;
  uint32_t buf_total = 0, buf_size = 0;
  // Of memory that a program brought along: its pages, and its bytes, which may be more than the pools take.
  uint32_t page = kPageSize;
  uint64_t given = 0;

  static RegionPlan global(const Limits& limits);
  // Of a port with these rings, its pipes and extra buffers: netmap's formula, (4 pipes + 2) times its own need.
  static RegionPlan port(const Limits& limits, const uint32_t rings[2], const uint32_t slots[2], uint32_t extra_bufs);

  // Of memory that somebody brings along, `size` bytes of it: as large as he says, 0 for the smallest of a port's own,
  // and what is left over becomes buffers. ENOMEM when it does not fit; EINVAL for sizes that the engine cannot do.
  static Status external(const Limits& limits, const nmreq_pools_info& wanted, uint64_t size, uint32_t page,
                         RegionPlan* out);

  uint64_t ring_ofs() const;
  uint64_t buf_ofs() const;
  uint64_t memsize() const;
  uint64_t books_ofs() const;  // of the marks and bitmaps behind the memory
  uint64_t file_size() const;  // with these
  bool sane() const;           // no overflow, nothing zero, below 2 GiB (offsets stay small integers in JavaScript)
};

}  // namespace nm
