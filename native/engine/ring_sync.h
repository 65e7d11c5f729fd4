// The part of a sync that all kinds of port share: what the user wrote is checked, the data path runs, tail is shown.
#pragma once

#include "data_path.h"

namespace nm {

// Return false when head or cur was invalid and the ring was reinitialised; nothing moved then.
bool sync_tx(RingView& ring, DataPath& path) noexcept;
bool sync_rx(RingView& ring, DataPath& path) noexcept;

// Readiness: the user's wake-up point has not reached the device's part.
inline bool ring_ready(const RingView& r) {
  return __atomic_load_n(&r.ring->cur, __ATOMIC_RELAXED) != __atomic_load_n(&r.ring->tail, __ATOMIC_RELAXED);
}

}  // namespace nm
