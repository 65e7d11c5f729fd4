// Another port's rx ring, as a sender sees it.
#pragma once

#include <memory>

#include "control.h"

namespace nm {

struct PeerRing {
  Kring* kring = nullptr;
  std::shared_ptr<Region> region;
  netmap_slot* slots = nullptr;
  uint8_t* bufs = nullptr;
  uint32_t n = 0;
  uint32_t buf_total = 0, buf_size = 0;
  uint32_t generation = 0;
  bool on = false;       // somebody receives there
  bool stalled = false;  // its lock could not be had last time: don't wait for it again

  bool current() const { return kring && kring->generation.load(std::memory_order_acquire) == generation; }
  // Looks at the ring anew after its generation has changed.
  void refresh(Control& control, uint32_t adapter, uint32_t ring);
};

}  // namespace nm
