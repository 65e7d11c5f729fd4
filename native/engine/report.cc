#include "report.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "directory.h"
#include "engine_device.h"
#include "folder.h"

namespace nm {

namespace {

std::string text(const char (&shared)[64]) {
  return std::string(shared, strnlen(shared, sizeof shared));
}

const char* kind_name(uint32_t kind) {
  switch (static_cast<Kind>(kind)) {
    case Kind::kVale:
      return "vale";
    case Kind::kPipe:
      return "pipe";
    case Kind::kMonitor:
      return "monitor";
    default:
      return "null";
  }
}

// Slots of each ring that hold frames, as of its last sync. The numbers are others': anything may be in them.
std::vector<uint32_t> used_slots(const Adapter& a, uint32_t direction, uint32_t rings, uint32_t slots) {
  std::vector<uint32_t> used;
  for (uint32_t k = 0; k < std::min(rings, kMaxRings) && slots > 0; ++k) {
    const Kring& ring = a.krings[direction][k];
    const uint32_t owned = (ring.hwtail.load() % slots + slots - ring.rhead.load() % slots) % slots;
    used.push_back(direction == kDirTx ? slots - 1 - owned : owned);
  }
  return used;
}

PortReport describe(Control& control, uint32_t index) {
  const Directory directory(control);
  const Adapter& a = control.adapter(index);
  PortReport p;
  p.name = directory.name_of(index);
  p.kind = kind_name(a.kind.load());
  if (p.kind == "monitor") {
    p.name.resize(std::min(p.name.rfind('#'), p.name.size()));  // their number, which no name has
    p.ended = a.parent.load() == kNone;
  }
  if (p.kind != "null" && p.name.compare(0, 4, "vale") != 0) p.name = "netmap:" + p.name;
  p.persistent = a.persistent.load() != 0;
  p.vnet_header = a.vnet_header.load();
  if (a.link_switch.load() < control.switches()) p.link = directory.name_on(index, a.link_switch.load());
  const uint32_t sw = a.switch_index.load();
  if (p.kind == "vale" && sw < control.switches()) {
    p.switch_name = text(control.vale(sw).name);
    p.port_index = a.port_index.load();
  }
  const uint32_t region = a.region.load();
  p.mem_id = region + 1;
  p.tx_rings = a.rings[kDirTx].load();
  p.rx_rings = a.rings[kDirRx].load();
  p.tx_slots = a.slots[kDirTx].load();
  p.rx_slots = a.slots[kDirRx].load();
  p.tx_used = used_slots(a, kDirTx, p.tx_rings, p.tx_slots);
  p.rx_used = used_slots(a, kDirRx, p.rx_rings, p.rx_slots);
  std::shared_ptr<Region> mapped;
  if (control.map_region(region, &mapped).ok()) p.memory_bytes = mapped->committed();
  for (auto& bound : a.bound) {
    const uint32_t d = bound.load();
    if (d < control.descriptors()) p.owners.push_back(control.descriptor(d).pid.load());
  }
  p.counters = adapter_counters(a);
  return p;
}

}  // namespace

Status engine_report(EngineReport* out) {
  out->folder = folder_path();
  out->layout_version = kLayoutVersion;
  Limits limits;
  std::shared_ptr<Control> control;
  Status s = Control::attach(false, &control);
  if (s.err == ENOENT) {
    s = Limits::from_environment(&limits);
  } else if (s.ok()) {
    limits = control->limits();
    Control::Hold lock(*control);
    if (lock.status().ok()) {
      out->present = true;
      Directory directory(*control);
      directory.sweep(false);
      for (uint32_t a = 0; a < control->adapters(); ++a) {
        if (directory.live(a)) out->ports.push_back(describe(*control, a));
      }
      const uint32_t count = control->header().reclaimed.load();
      for (uint32_t k = count - std::min(count, kObituaries); k != count; ++k) {
        const Obituary& o = control->header().obituaries[k % kObituaries];
        out->reclaimed.push_back({text(o.name), o.pid.load(), o.at.load()});
      }
    } else if (lock.status().err != ESTALE) {
      s = lock.status();
    }
  }
  out->max_switches = limits.switches;
  out->max_ports = limits.ports;
  out->buf_size = limits.buf_size;
  return s;
}

Status engine_folder(std::string* path) {
  *path = folder_path();
  Status s = check_folder(*path, false);
  if (s.err == ENOENT) return {};
  return s;
}

}  // namespace nm
