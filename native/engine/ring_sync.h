// The part of a sync that all kinds of port share: what the user wrote is checked, the data path runs, tail is shown.
#pragma once

#include "data_path.h"

namespace nm {

// Return false when head or cur was invalid and the ring was reinitialised (nothing moved then), or when the path says
// that something is wrong.
bool sync_tx(RingView& ring, DataPath& path) noexcept;
bool sync_rx(RingView& ring, DataPath& path) noexcept;

// What a sync goes by: slots from hwcur up to head change hands. Private copies, below the ring's size if valid.
struct Taken {
  uint32_t hwcur, head;
  bool valid;
};

// The first half of a sync, for a user whose head and cur lie elsewhere (CSB): checks them and takes them over. When
// they are invalid, reinit() is due. The ring's guard must be held.
Taken accept_tx(RingView& ring, uint32_t head, uint32_t cur) noexcept;
Taken accept_rx(RingView& ring, uint32_t head, uint32_t cur) noexcept;

// The second half: what the path does, with those in between who monitor the ring. Returns the new tail, perhaps with
// kSyncFailed.
uint32_t run_tx(RingView& ring, DataPath& path, const Taken& taken) noexcept;
uint32_t run_rx(RingView& ring, DataPath& path, const Taken& taken) noexcept;

// netmap's reinit. Indices beyond the ring put it back to the device's last good values; others are adopted as they
// are. Slots that point nowhere are emptied: their buffers are lost until the user repairs them. Returns what an rx
// sync goes on with.
Taken reinit(RingView& ring) noexcept;

// Readiness: the user's wake-up point has not reached the device's part.
inline bool ring_ready(const RingView& r) {
  return __atomic_load_n(&r.ring->cur, __ATOMIC_RELAXED) != __atomic_load_n(&r.ring->tail, __ATOMIC_RELAXED);
}

}  // namespace nm
