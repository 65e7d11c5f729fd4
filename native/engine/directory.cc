#include "directory.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "door.h"
#include "fault.h"

namespace nm {

namespace {

void set_name(char (&to)[64], const std::string& name) {
  std::memset(to, 0, sizeof to);
  std::memcpy(to, name.data(), std::min(name.size(), sizeof to - 1));
}

bool same_name(const char (&shared)[64], const std::string& name) {
  return name.size() < sizeof shared && std::memcmp(shared, name.c_str(), name.size() + 1) == 0;
}

}  // namespace

bool Directory::live(uint32_t adapter) const {
  if (adapter >= control_.adapters()) return false;
  const uint32_t kind = control_.adapter(adapter).kind.load();
  return kind > static_cast<uint32_t>(Kind::kFree) && kind <= static_cast<uint32_t>(Kind::kMonitor);
}

bool Directory::is_switch(uint32_t index, const std::string& name) const {
  return index < control_.switches() && control_.vale(index).used.load() && same_name(control_.vale(index).name, name);
}

uint32_t Directory::find(const std::string& name) const {
  const size_t colon = name.find(':');
  const std::string on = name.substr(0, colon), port = colon == std::string::npos ? "" : name.substr(colon + 1);
  for (uint32_t a = 0; a < control_.adapters(); ++a) {
    if (!live(a)) continue;
    const Adapter& x = control_.adapter(a);
    // The name of a monitor is for show: nobody opens it by that.
    if (x.kind.load() == static_cast<uint32_t>(Kind::kMonitor)) continue;
    if (same_name(x.name, name)) return a;
    if (!port.empty() && x.persistent.load() && same_name(x.name, port) &&
        (is_switch(x.switch_index.load(), on) || is_switch(x.link_switch.load(), on))) {
      return a;
    }
  }
  return kNone;
}

Status Directory::may_make(const PortName& name) const {
  if (name.interface()) return PortName::no_interface(name.full);
  const std::string& port = name.kind == Kind::kPipe ? name.parent : name.full;
  const size_t colon = port.find(':');
  if (name.switch_name.empty() || colon == std::string::npos || find(port) != kNone) return {};
  if (find(port.substr(colon + 1)) == kNone) return {};
  return Status::failure(EINVAL, "register",
                         "'" + port.substr(colon + 1) + "' is a persistent port, and not attached to " +
                             name.switch_name + ": attach it there first");
}

uint32_t Directory::find_switch(const std::string& name) const {
  for (uint32_t s = 0; s < control_.switches(); ++s) {
    if (control_.vale(s).used.load() && same_name(control_.vale(s).name, name)) return s;
  }
  return kNone;
}

Status Directory::new_descriptor(uint32_t* index, int* door) {
  const uint32_t limit = control_.limits().descriptors();
  uint32_t i = 0;
  for (; i < control_.descriptors(); ++i) {
    if (control_.descriptor(i).state.load() == static_cast<uint32_t>(DescriptorState::kFree)) break;
  }
  if (i >= limit) {
    return Status::failure(ENOMEM, "register",
                           "all " + std::to_string(limit) + " descriptors of " + control_.folder() +
                               " are in use (NODE_NETMAP_PORTS raises it)");
  }
  Status s = control_.reserve_descriptor(i);
  if (s.ok()) s = make_door(control_.path("door." + std::to_string(i)), door);
  if (!s.ok()) return s;
  NM_FAULT(kDoorMade);
  Descriptor& d = control_.descriptor(i);
  d.generation.store(control_.next_serial());
  d.pid.store(static_cast<uint32_t>(getpid()));
  d.adapter.store(kNone);
  d.sleeping.store(0);
  d.csb.store(0);
  d.loop_stop.store(0);
  d.if_ofs.store(0);
  d.extra_bufs.store(0);
  NM_FAULT(kDescriptorFilled);
  d.state.store(static_cast<uint32_t>(DescriptorState::kOpen));
  NM_FAULT(kDescriptorOpen);
  if (i >= control_.descriptors()) control_.header().descriptor_mark.store(i + 1);
  *index = i;
  return {};
}

uint32_t Directory::free_region_id() const {
  uint32_t r = kGlobalRegion;  // index of memory id 2
  while (r < control_.regions() && control_.region(r).used.load()) ++r;
  return r + 1;
}

Status Directory::new_region(const RegionPlan& plan, const std::string& parent, uint32_t fixed, uint32_t* index) {
  const uint32_t r = fixed != kNone ? fixed : free_region_id() - 1;
  if (r >= control_.limits().regions()) return Status::failure(ENOMEM, "register", "no free memory region");
  if (!plan.sane()) {
    return Status::failure(ENOMEM, "register",
                           "the port needs a memory region of " + std::to_string(plan.memsize() >> 20) +
                               " MiB, at most 2047 are possible: ask for fewer rings, slots or extra buffers");
  }
  const uint32_t mark = control_.regions();
  for (uint32_t i = std::min(mark, r); i <= r; ++i) {
    Status s = control_.reserve_region(i);
    if (!s.ok()) return s;
  }
  if (r >= mark) control_.header().region_mark.store(r + 1);
  RegionRecord& record = control_.region(r);
  const uint32_t generation = control_.next_serial();
  Status s = Region::create(control_.region_path(r, generation), plan);
  if (!s.ok()) return s;
  NM_FAULT(kRegionFile);
  record.memsize.store(plan.memsize());
  record.file_size.store(plan.file_size());
  record.if_total.store(plan.if_total);
  record.if_size.store(plan.if_size);
  record.ring_total.store(plan.ring_total);
  record.ring_size.store(plan.ring_size);
  record.buf_total.store(plan.buf_total);
  record.buf_size.store(plan.buf_size);
  record.memory_page.store(plan.page);
  record.memory_size.store(plan.given);
  record.memory_kind.store(static_cast<uint32_t>(MemoryKind::kOwn));
  set_name(record.parent, parent);
  record.generation.store(generation);
  NM_FAULT(kRegionRecorded);
  record.used.store(1);
  NM_FAULT(kRegionUsed);
  *index = r;
  return {};
}

Status Directory::region_by_id(uint32_t mem_id, uint32_t* index) {
  const uint32_t r = mem_id - 1;
  if (mem_id > 0 && r < control_.regions() && control_.region(r).used.load()) {
    *index = r;
    return {};
  }
  if (mem_id == kGlobalRegion) return new_region(RegionPlan::global(control_.limits()), "", r, index);
  return Status::failure(EINVAL, "register",
                         "there is no memory region with id " + std::to_string(mem_id) +
                             "; take the id of an open port, or 0 for a region of its own");
}

uint32_t Directory::family_region(const PortName& name) const {
  const std::string& parent = name.kind == Kind::kPipe ? name.parent : name.full;
  if (name.kind == Kind::kPipe) {
    const uint32_t a = find(parent);
    if (a != kNone) return control_.adapter(a).region.load();
  }
  for (uint32_t r = 0; r < control_.regions(); ++r) {
    if (control_.region(r).used.load() && same_name(control_.region(r).parent, parent)) return r;
  }
  return kNone;
}

Status Directory::join_switch(const PortName& name, uint32_t* switch_index, uint32_t* port_index) {
  uint32_t s = find_switch(name.switch_name);
  if (s == kNone) {
    for (s = 0; s < control_.switches() && control_.vale(s).used.load(); ++s) {
    }
    if (s >= control_.limits().switches) {
      return Status::failure(ENOMEM, "register",
                             "all " + std::to_string(s) +
                                 " switches are in use; the variable NODE_NETMAP_SWITCHES "
                                 "raises the number for a new engine folder");
    }
    Status status = control_.reserve_vale(s);
    if (!status.ok()) return status;
    Switch& vale = control_.vale(s);
    for (auto& entry : vale.learned) entry.store(0);
    for (uint32_t p = 0; p < control_.limits().ports; ++p) vale.ports[p].store(0);
    set_name(vale.name, name.switch_name);
    vale.epoch.fetch_add(1);
    NM_FAULT(kSwitchNamed);
    vale.used.store(1);
    NM_FAULT(kSwitchUsed);
    if (s >= control_.switches()) control_.header().switch_mark.store(s + 1);
  }
  for (uint32_t p = 0; p < control_.limits().ports; ++p) {
    if (control_.vale(s).ports[p].load() == 0) {
      *switch_index = s;
      *port_index = p;
      return {};
    }
  }
  return Status::failure(ENOMEM, "register",
                         "switch " + name.switch_name + " is full (" + std::to_string(control_.limits().ports) +
                             " ports); the variable NODE_NETMAP_PORTS raises the number for a new engine folder");
}

Status Directory::new_adapter(const PortName& name, Kind kind, const Geometry& geometry, uint32_t region,
                              uint32_t* index) {
  uint32_t a = 0;
  while (a < control_.adapters() && live(a)) ++a;
  if (a >= control_.limits().adapters()) return Status::failure(ENOMEM, "register", "no free port");
  Status s = control_.reserve_adapter(a);
  if (!s.ok()) return s;
  Adapter& adapter = control_.adapter(a);
  adapter.kind.store(static_cast<uint32_t>(Kind::kFree));
  set_name(adapter.name, name.full);
  adapter.region.store(region);
  adapter.region_generation.store(control_.region(region).generation.load());
  adapter.switch_index.store(kNone);
  adapter.port_index.store(kNone);
  adapter.peer.store(kNone);
  adapter.persistent.store(name.interface());
  adapter.home_region.store(region);
  adapter.link_switch.store(kNone);
  adapter.link_port.store(kNone);
  adapter.polling.store(0);
  adapter.vnet_header.store(0);
  adapter.serial.store(control_.next_serial());
  adapter.monitors_made.store(0);
  adapter.parent.store(kNone);
  adapter.monitor_flags.store(0);
  for (auto& bound : adapter.bound) bound.store(kNone);
  for (uint32_t dir : {kDirRx, kDirTx}) {
    adapter.rings[dir].store(geometry.rings[dir]);
    adapter.slots[dir].store(geometry.slots[dir]);
    for (auto& k : adapter.krings[dir]) {
      // The locks and generations go on: a sender that was stopped for long may still come back to them.
      for (auto* counter : {&k.sent_packets, &k.sent_bytes, &k.drop_bad, &k.drop_unroutable, &k.packets, &k.bytes,
                            &k.drop_full, &k.drop_busy}) {
        counter->store(0);
      }
      k.users.store(0);
      k.asleep.store(0);
      k.watched.store(0);
      k.swap.store(0);
    }
  }
  NM_FAULT(kAdapterNamed);
  if (a >= control_.adapters()) control_.header().adapter_mark.store(a + 1);
  if (kind == Kind::kVale && !name.interface()) {
    uint32_t sw = kNone, port = kNone;
    s = join_switch(name, &sw, &port);
    if (!s.ok()) return s;
    adapter.switch_index.store(sw);
    adapter.port_index.store(port);
    adapter.kind.store(static_cast<uint32_t>(kind));
    NM_FAULT(kAdapterSwitched);
    control_.vale(sw).ports[port].store(a + 1);
    NM_FAULT(kAdapterJoined);
    control_.vale(sw).epoch.fetch_add(1);
  }
  adapter.kind.store(static_cast<uint32_t>(kind));
  NM_FAULT(kAdapterKnown);
  *index = a;
  return {};
}

Geometry Directory::geometry(const PortName& name, const nmreq_register& request) const {
  uint32_t slots[2] = {request.nr_rx_slots, request.nr_tx_slots};
  const uint32_t parent = name.kind == Kind::kPipe ? find(name.parent) : kNone;
  for (uint32_t dir : {kDirRx, kDirTx}) {
    if (slots[dir] == 0 && parent != kNone) slots[dir] = control_.adapter(parent).slots[dir].load();
  }
  return Geometry::wanted(name.kind, request.nr_tx_rings, request.nr_rx_rings, slots[kDirTx], slots[kDirRx]);
}

// Pipes of a persistent port have its own name, whatever switch they were asked for on.
void Directory::use_own_name(PortName* name) const {
  const uint32_t a = name->kind == Kind::kPipe ? find(name->parent) : kNone;
  if (a == kNone || !control_.adapter(a).persistent.load()) return;
  const size_t brace = name->parent.size();
  name->parent = name->parent.substr(name->parent.find(':') + 1);
  name->full = name->parent + name->full.substr(brace);
  name->peer = name->parent + name->peer.substr(brace);
}

Status Directory::find_or_make(const PortName& wanted, const Geometry& geometry, uint32_t mem_id, uint32_t extra_bufs,
                               uint32_t* index) {
  PortName name = wanted;
  use_own_name(&name);
  if (name.kind != Kind::kNull) {  // null ports are nobody's to share
    const uint32_t a = find(name.full);
    if (a == kNone) {
      Status s = may_make(name);
      if (!s.ok()) return s;
    } else if (control_.adapter(a).link_switch.load() != kNone) {
      return Status::failure(EBUSY, "register", name.full + " links two switches: nobody can open it");
    } else {
      *index = a;
      if (control_.adapter(a).persistent.load() && mem_id != 0 && !is_open(control_.adapter(a))) return move(a, mem_id);
      const uint32_t has = control_.adapter(a).region.load() + 1;
      if (mem_id > kGlobalRegion && mem_id != has) {  // 0 and 1 do not insist
        return Status::failure(EINVAL, "register",
                               name.full + " is open and lives in memory region " + std::to_string(has) + ", not " +
                                   std::to_string(mem_id));
      }
      return {};
    }
  }
  uint32_t region = kNone;
  Status s;
  if (name.kind != Kind::kNull && mem_id <= kGlobalRegion) region = family_region(name);
  if (region != kNone) {
    // memory of the parent, or of the pipes that were there first
  } else if (mem_id != 0) {
    s = region_by_id(mem_id, &region);
  } else if (name.kind == Kind::kNull) {
    s = Status::failure(
        EINVAL, "register",
        "a null port needs the memory id of a region: 1, which is always there, or that of an open port");
  } else {
    RegionPlan plan = RegionPlan::port(control_.limits(), geometry.rings, geometry.slots, extra_bufs);
    s = new_region(plan, name.kind == Kind::kPipe ? name.parent : name.full, kNone, &region);
  }
  if (!s.ok()) return s;
  if (name.kind != Kind::kPipe) return new_adapter(name, name.kind, geometry, region, index);

  // The first open decides, and its numbers are the master's, whichever end it is.
  Geometry mirrored = geometry;
  std::swap(mirrored.rings[0], mirrored.rings[1]);
  std::swap(mirrored.slots[0], mirrored.slots[1]);
  PortName other = name;
  other.full = name.peer;
  uint32_t mine = kNone, peer = kNone;
  s = new_adapter(name, Kind::kPipe, name.second_end ? mirrored : geometry, region, &mine);
  if (!s.ok()) return s;
  NM_FAULT(kPipeHalf);
  s = new_adapter(other, Kind::kPipe, name.second_end ? geometry : mirrored, region, &peer);
  if (!s.ok()) return s;
  control_.adapter(mine).peer.store(peer);
  NM_FAULT(kPipeLinked);
  control_.adapter(peer).peer.store(mine);
  *index = mine;
  return {};
}

}  // namespace nm
