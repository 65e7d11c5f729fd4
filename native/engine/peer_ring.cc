#include "peer_ring.h"

namespace nm {

void PeerRing::refresh(Control& control, uint32_t index, uint32_t ring) {
  on = false;
  slots = nullptr;
  if (index >= control.adapters() || ring >= kMaxRings) return;
  Adapter& adapter = control.adapter(index);
  kring = &adapter.krings[kDirRx][ring];
  generation = kring->generation.load(std::memory_order_acquire);
  if (!kring->on.load(std::memory_order_acquire)) return region.reset();
  std::shared_ptr<Region> found;
  const uint32_t count = adapter.slots[kDirRx].load();
  if (count == 0 || count > kMaxSlots || !control.map_region(adapter.region.load(), &found).ok()) return;
  if (found->generation() != adapter.region_generation.load()) return;
  netmap_ring* r = found->ring_at(kring->ring_ofs.load(), count);
  // A change meanwhile shows in the generation, which is compared again before every use.
  if (!r || !current()) return;
  region = std::move(found);
  slots = r->slots();
  bufs = region->buffers();
  n = count;
  buf_total = region->plan().buf_total;
  buf_size = region->plan().buf_size;
  stalled = false;
  on = true;
}

}  // namespace nm
