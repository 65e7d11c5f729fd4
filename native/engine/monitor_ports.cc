// Monitors in the tables: made, linked to the rings that they watch, ended with the port that they watch.
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "directory.h"
#include "door.h"
#include "fault.h"
#include "monitors.h"

namespace nm {

namespace {

bool is_monitor(const Adapter& adapter) {
  return adapter.kind.load() == static_cast<uint32_t>(Kind::kMonitor);
}

}  // namespace

bool Directory::in_use(uint32_t adapter) const {
  auto& bound = control_.adapter(adapter).bound;
  return std::any_of(std::begin(bound), std::end(bound), [](auto& b) { return b.load() != kNone; });
}

Status Directory::make_monitor(const PortName& of, const nmreq_register& request, PortName* name, uint32_t* index) {
  uint32_t region;
  Status s;
  if (request.nr_mem_id > kGlobalRegion) s = region_by_id(request.nr_mem_id, &region);  // must exist, decides nothing
  if (!s.ok()) return s;
  const uint32_t p = find(of.full);
  if (p == kNone && of.interface()) return PortName::no_interface(of.full);
  if (p == kNone || !in_use(p)) {
    return Status::failure(EINVAL, "register",
                           "a monitor needs a port to watch, and nobody has '" + of.full + "' open");
  }
  Adapter& parent = control_.adapter(p);
  const uint64_t flags = request.nr_flags & (NR_MONITOR_TX | NR_MONITOR_RX | NR_ZCOPY_MON);
  Geometry geometry;
  geometry.rings[kDirTx] = 1;
  geometry.rings[kDirRx] = std::min(std::max(parent.rings[kDirRx].load(), parent.rings[kDirTx].load()), kMaxRings);
  const uint32_t wanted[2] = {request.nr_rx_slots, request.nr_tx_slots};
  for (uint32_t dir : {kDirRx, kDirTx}) {
    geometry.slots[dir] = std::min(wanted[dir] ? wanted[dir] : parent.slots[dir].load(), kMaxSlots);
  }
  if (flags & NR_ZCOPY_MON) {
    region = parent.region.load();
  } else {
    Limits alone = control_.limits();
    alone.pipes = 0;
    s = new_region(RegionPlan::port(alone, geometry.rings, geometry.slots, 0), "", kNone, &region);
  }
  if (!s.ok()) return s;
  *name = PortName{};
  name->kind = Kind::kMonitor;
  name->full = name_of(p) + "/" + (flags & NR_ZCOPY_MON ? "z" : "") + (flags & NR_MONITOR_RX ? "r" : "") +
               (flags & NR_MONITOR_TX ? "t" : "") + "#" + std::to_string(parent.monitors_made.fetch_add(1));
  s = new_adapter(*name, Kind::kMonitor, geometry, region, index);
  if (!s.ok()) return s;
  NM_FAULT(kMonitorMade);
  Adapter& adapter = control_.adapter(*index);
  adapter.monitor_flags.store(static_cast<uint32_t>(flags));
  adapter.parent_serial.store(parent.serial.load());
  adapter.parent.store(p);
  NM_FAULT(kMonitorLinked);
  return s;
}

Status Directory::take_offsets(uint32_t index) {
  Adapter& adapter = control_.adapter(index);
  const uint32_t p = adapter.parent.load();
  std::shared_ptr<Region> region;
  Status s = control_.map_region(adapter.region.load(), &region);
  if (!s.ok() || !live(p)) return s;
  for (uint32_t r = 0; r < kMaxRings; ++r) {
    Kring& kring = adapter.krings[kDirRx][r];
    netmap_ring* ring = region->ring_at(kring.ring_ofs.load(), std::min(adapter.slots[kDirRx].load(), kMaxSlots));
    if (!kring.on.load() || !ring) continue;
    for (uint32_t dir : {kDirRx, kDirTx}) {
      const Kring& from = control_.adapter(p).krings[dir][r];
      if (r >= control_.adapter(p).rings[dir].load()) continue;
      ring->offset_mask |= from.offset_mask.load();
      kring.offset_mask.store(ring->offset_mask);
      kring.offset_max.store(std::max(kring.offset_max.load(), from.offset_max.load()));
    }
  }
  return s;
}

// A monitor watches a port as long as that is open. When it is opened again it is another one.
void Directory::end_monitors() {
  for (uint32_t a = 0; a < control_.adapters(); ++a) {
    Adapter& adapter = control_.adapter(a);
    const uint32_t p = adapter.parent.load();
    if (!live(a) || !is_monitor(adapter) || p == kNone) continue;
    if (live(p) && control_.adapter(p).serial.load() == adapter.parent_serial.load() && in_use(p)) continue;
    adapter.parent.store(kNone);
    NM_FAULT(kMonitorEnded);
    for (auto& bound : adapter.bound) {
      const uint32_t i = bound.load();
      if (i >= control_.descriptors() || !control_.descriptor(i).sleeping.exchange(0)) continue;
      const int bell = open_bell(control_.path("door." + std::to_string(i)));
      if (bell < 0) continue;  // a sleeper looks again by itself
      ring_bell(bell);
      close(bell);
    }
  }
}

// Exchanges of buffers that were cut short by a death: before anybody's buffers are given back.
void Directory::finish_swaps() {
  for (uint32_t a = 0; a < control_.adapters(); ++a) {
    Adapter& adapter = control_.adapter(a);
    if (!live(a) || !is_monitor(adapter)) continue;
    for (Kring& kring : adapter.krings[kDirRx]) {
      if (!kring.swap.load()) continue;
      std::shared_ptr<Region> region;
      if (!control_.map_region(adapter.region.load(), &region).ok()) continue;
      RobustLock::Hold hold(kring.lock, kStopTimeoutMs);
      if (hold.held()) finish_swap(kring, *region, std::min(adapter.slots[kDirRx].load(), kMaxSlots));
    }
  }
}

// Tells the rings who watches them. The serial of the newest monitor and their number: as monitors come with higher and
// higher serials and go for good, that is another pair after each change.
void Directory::mark_watched() {
  std::vector<uint32_t> monitors;
  for (uint32_t m = 0; m < control_.adapters(); ++m) {
    if (live(m) && is_monitor(control_.adapter(m))) monitors.push_back(m);
  }
  for (uint32_t a = 0; a < control_.adapters(); ++a) {
    if (!live(a)) continue;
    Adapter& adapter = control_.adapter(a);
    for (uint32_t dir : {kDirRx, kDirTx}) {
      for (uint32_t r = 0; r < std::min(adapter.rings[dir].load(), kMaxRings); ++r) {
        uint32_t newest = 0, count = 0;
        for (uint32_t m : monitors) {
          if (!monitors_ring(control_, m, a, dir, r)) continue;
          const uint32_t serial = control_.adapter(m).serial.load();
          if (count++ == 0 || static_cast<int32_t>(serial - newest) > 0) newest = serial;
        }
        const uint64_t watched = count ? uint64_t{newest} << 32 | count : 0;
        Kring& kring = adapter.krings[dir][r];
        if (kring.watched.load() != watched) kring.watched.store(watched, std::memory_order_release);
      }
    }
  }
}

}  // namespace nm
