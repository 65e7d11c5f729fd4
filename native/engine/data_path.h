// What a kind of port does in a sync: switch, pipe, null.
#pragma once

#include "ring_view.h"

namespace nm {

// Added to the tail that a path returns: something is wrong, which poll(2) reports as POLLERR.
inline constexpr uint32_t kSyncFailed = uint32_t{1} << 31;

class DataPath {
 public:
  virtual ~DataPath() = default;
  // Takes the slots [hwcur, head) of a tx ring and returns the new tail.
  virtual uint32_t tx(RingView& ring, uint32_t hwcur, uint32_t head) noexcept = 0;
  // Takes back the slots [hwcur, head) of an rx ring and returns the new tail.
  virtual uint32_t rx(RingView& ring, uint32_t hwcur, uint32_t head) noexcept = 0;
};

}  // namespace nm
