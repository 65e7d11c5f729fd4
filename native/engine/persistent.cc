// Persistent ports: made by VALE_NEWIF, gone with VALE_DELIF, whoever has them open meanwhile. Until they are attached
// to a switch they lead nowhere. Attached to two, a port is a link: what either switch sends to it goes on through the
// other.
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "directory.h"
#include "fault.h"
#include "requests.h"

namespace nm {

namespace {

// What the kernel accepts as the name of an interface; braces would name a pipe.
bool good_name(const std::string& name) {
  return !name.empty() && name.size() < kIfNameSize && name != "." && name != ".." && name.compare(0, 4, "vale") != 0 &&
         name.find_first_of("/: \t\n\v\f\r{}") == std::string::npos;
}

}  // namespace

bool Directory::is_open(const Adapter& adapter) const {
  for (auto& bound : adapter.bound) {
    if (bound.load() != kNone) return true;
  }
  return false;
}

bool Directory::any_persistent() const {
  for (uint32_t a = 0; a < control_.adapters(); ++a) {
    if (live(a) && control_.adapter(a).persistent.load()) return true;
  }
  return false;
}

bool Directory::has_pipes(const std::string& parent) const {
  if (parent.size() >= kReqNameSize) return false;
  for (uint32_t a = 0; a < control_.adapters(); ++a) {
    if (!live(a) || control_.adapter(a).kind.load() != static_cast<uint32_t>(Kind::kPipe)) continue;
    const char* name = control_.adapter(a).name;
    const char after = name[parent.size()];
    if (std::memcmp(name, parent.data(), parent.size()) == 0 && (after == '{' || after == '}')) return true;
  }
  return false;
}

std::string Directory::name_of(uint32_t index) const {
  const Adapter& adapter = control_.adapter(index);
  return name_on(index, adapter.persistent.load() ? adapter.switch_index.load() : kNone);
}

std::string Directory::name_on(uint32_t index, uint32_t switch_index) const {
  auto text = [](const char (&shared)[64]) { return std::string(shared, strnlen(shared, sizeof shared)); };
  const Adapter& adapter = control_.adapter(index);
  if (!adapter.persistent.load() || switch_index >= control_.switches()) return text(adapter.name);
  return text(control_.vale(switch_index).name) + ":" + text(adapter.name);
}

Status Directory::new_persistent(const std::string& text, nmreq_vale_newif* request) {
  if (!good_name(text)) {
    return refuse(EINVAL, "'" + text +
                              "' cannot be the name of a persistent port: it needs 1 to 15 characters, none of them a "
                              "space, / : { or }, and must not begin with vale");
  }
  if (find(text) != kNone || has_pipes(text)) return refuse(EEXIST, "'" + text + "' exists already");
  PortName name;
  name.kind = Kind::kVale;
  name.full = name.port = text;
  const Geometry geometry = Geometry::wanted(Kind::kVale, request->nr_tx_rings, request->nr_rx_rings,
                                             request->nr_tx_slots, request->nr_rx_slots);
  uint32_t region = kNone, adapter = kNone;
  Status s = request->nr_mem_id ? region_by_id(request->nr_mem_id, &region)
                                : new_region(RegionPlan::port(control_.limits(), geometry.rings, geometry.slots, 0),
                                             text, kNone, &region);
  if (s.ok()) s = new_adapter(name, Kind::kVale, geometry, region, &adapter);
  if (!s.ok()) return s;
  request->nr_tx_rings = static_cast<uint16_t>(geometry.rings[kDirTx]);
  request->nr_rx_rings = static_cast<uint16_t>(geometry.rings[kDirRx]);
  request->nr_tx_slots = geometry.slots[kDirTx];
  request->nr_rx_slots = geometry.slots[kDirRx];
  request->nr_mem_id = static_cast<uint16_t>(region + 1);
  return s;
}

Status Directory::drop_persistent(const std::string& name) {
  const uint32_t a = find(name);
  if (a == kNone || name.find(':') != std::string::npos) {
    if (!name.empty() && has_pipes(name)) return refuse(EINVAL, "'" + name + "' goes with its pipes");
    return refuse(ENXIO, "there is no persistent port '" + name + "'");
  }
  Adapter& adapter = control_.adapter(a);
  if (!adapter.persistent.load()) return refuse(EINVAL, "'" + name + "' is no persistent port");
  if (is_open(adapter)) return refuse(EBUSY, "'" + name + "' is open");
  if (has_pipes(name)) return refuse(EBUSY, "pipes of '" + name + "' are open");
  if (adapter.switch_index.load() != kNone) {
    return refuse(EBUSY, "'" + name_of(a) + "' is attached to a switch: detach it first");
  }
  adapter.persistent.store(0);  // from here on it is a port that nobody has open: sweep() removes it
  return {};
}

// Takes a port that nobody has open to another region, until its last user has gone.
Status Directory::move(uint32_t index, uint32_t mem_id) {
  Adapter& adapter = control_.adapter(index);
  uint32_t region = kNone;
  Status s = region_by_id(mem_id, &region);
  if (!s.ok() || region == adapter.region.load()) return s;
  if (has_pipes(name_on(index, kNone)))
    return refuse(EINVAL, "its pipes share its memory: it cannot be in another region");
  adapter.region.store(region);
  adapter.region_generation.store(control_.region(region).generation.load());
  return s;
}

void Directory::go_home(Adapter& adapter) {
  const uint32_t home = adapter.home_region.load();
  if (adapter.region.load() == home || home >= control_.regions()) return;
  adapter.region.store(home);
  adapter.region_generation.store(control_.region(home).generation.load());
}

Status Directory::attach(const PortName& name, const nmreq_register& request, uint32_t* port_index) {
  if (uint32_t region; request.nr_mem_id) {
    Status s = region_by_id(request.nr_mem_id, &region);
    if (!s.ok()) return s;
  }
  if (find(name.full) != kNone) return refuse(EBUSY, "'" + name.full + "' is there already");
  const uint32_t a = name.port.empty() ? kNone : find(name.port);
  if (a == kNone) {
    return refuse(EINVAL,
                  "there is no '" + name.port +
                      "': what can be attached are the persistent ports that VALE_NEWIF makes; network cards need "
                      "the netmap kernel module");
  }
  Adapter& adapter = control_.adapter(a);
  if (adapter.link_switch.load() != kNone) return refuse(EBUSY, "'" + name.port + "' links two switches already");
  if (is_open(adapter)) return refuse(EBUSY, "'" + name.port + "' is open: attach it first and open it then");
  const bool second = adapter.switch_index.load() != kNone;
  if (second && (request.nr_mode != NR_REG_ALL_NIC || request.nr_ringid != 0)) {
    return refuse(EINVAL, "'" + name.port + "' has no host rings: a second switch takes all of it (mode ALL_NIC)");
  }
  uint32_t sw = kNone, port = kNone;
  Status s = join_switch(name, &sw, &port);
  if (s.ok() && request.nr_mem_id) s = move(a, request.nr_mem_id);
  if (!s.ok()) return s;
  (second ? adapter.link_port : adapter.port_index).store(port);
  (second ? adapter.link_switch : adapter.switch_index).store(sw);
  NM_FAULT(kAttachSaid);
  Switch& vale = control_.vale(sw);
  vale.ports[port].store(a + 1);
  NM_FAULT(kAttachListed);
  vale.epoch.fetch_add(1);
  if (second) control_.vale(adapter.switch_index.load()).epoch.fetch_add(1);  // the port there is a link now
  *port_index = port;
  return s;
}

void Directory::leave_switch(uint32_t index, Shared<uint32_t>& switch_index, Shared<uint32_t>& port_index) {
  const uint32_t s = switch_index.load(), p = port_index.load();
  if (s < control_.switches() && p < control_.limits().ports) {
    Shared<uint32_t>& entry = control_.vale(s).ports[p];
    if (entry.load() == index + 1) entry.store(0);
    NM_FAULT(kDetachListed);
    control_.vale(s).epoch.fetch_add(1);
  }
  switch_index.store(kNone);
  port_index.store(kNone);
}

Status Directory::detach(const PortName& name, uint32_t* port_index) {
  const uint32_t a = find(name.full);
  if (a == kNone) return refuse(ENXIO, "there is no '" + name.full + "'");
  Adapter& adapter = control_.adapter(a);
  if (!adapter.persistent.load())
    return refuse(EBUSY, "'" + name.full + "' goes when it is closed: it was never attached");
  const bool linked = adapter.link_switch.load() != kNone;
  const bool link = linked && is_switch(adapter.link_switch.load(), name.switch_name);
  if (linked && !link) return refuse(EBUSY, "detach '" + name_on(a, adapter.link_switch.load()) + "' first");
  if (link && adapter.polling.load()) return refuse(EBUSY, "'" + name.full + "' is polled (VALE_POLLING_DISABLE)");
  const uint32_t first = adapter.switch_index.load();
  *port_index = (link ? adapter.link_port : adapter.port_index).load();
  if (link) {
    leave_switch(a, adapter.link_switch, adapter.link_port);
    if (first < control_.switches()) control_.vale(first).epoch.fetch_add(1);  // the port there is a port again
  } else {
    leave_switch(a, adapter.switch_index, adapter.port_index);
  }
  return {};
}

// The kernel lets threads of its own look at a card or a link instead of being interrupted. Here a link needs neither:
// whoever sends does its work. So a request is checked and remembered, and that is all there is to do.
Status Directory::poll_link(const PortName& name, bool on, const nmreq_vale_polling& request) {
  const uint32_t a = find(name.full);
  if (a == kNone) return refuse(ENXIO, "there is no '" + name.full + "'");
  Adapter& adapter = control_.adapter(a);
  if (adapter.link_switch.load() == kNone || !is_switch(adapter.link_switch.load(), name.switch_name)) {
    return refuse(EOPNOTSUPP, "'" + name.full + "' is a port of its users: only cards and links can be polled");
  }
  if (!on) {
    if (!adapter.polling.exchange(0)) return refuse(EFAULT, "'" + name.full + "' is not polled");
    return {};
  }
  if (adapter.polling.load()) return refuse(EFAULT, "'" + name.full + "' is polled already");
  const uint64_t cores = request.nr_num_polling_cpus;
  const long there = sysconf(_SC_NPROCESSORS_ONLN);
  const bool several = request.nr_mode == NETMAP_POLLING_MODE_MULTI_CPU;
  if (!several && request.nr_mode != NETMAP_POLLING_MODE_SINGLE_CPU) {
    return refuse(EINVAL, "polling mode " + std::to_string(request.nr_mode) + ": must be 1 (one core) or 2 (several)");
  }
  if (cores == 0 || static_cast<int64_t>(cores) >= there || (!several && cores != 1)) {
    return refuse(EINVAL, std::to_string(cores) + " polling cores: must be 1" +
                              (several ? " to " + std::to_string(there - 1) : "") + " of " + std::to_string(there));
  }
  if (several && request.nr_first_cpu_id + cores > adapter.rings[kDirRx].load()) {
    return refuse(EINVAL, "rings " + std::to_string(request.nr_first_cpu_id) + " to " +
                              std::to_string(request.nr_first_cpu_id + cores - 1) + " asked for, the last one is " +
                              std::to_string(adapter.rings[kDirRx].load() - 1));
  }
  adapter.polling.store(1);
  return {};
}

// A port and the table of its switch that do not agree were left by a death in the middle of a change.
void Directory::sweep_attachments() {
  for (uint32_t a = 0; a < control_.adapters(); ++a) {
    if (!live(a) || !control_.adapter(a).persistent.load()) continue;
    Adapter& adapter = control_.adapter(a);
    auto agrees = [&](const Shared<uint32_t>& sw, const Shared<uint32_t>& port) {
      const uint32_t s = sw.load(), p = port.load();
      return s < control_.switches() && p < control_.limits().ports && control_.vale(s).used.load() &&
             control_.vale(s).ports[p].load() == a + 1;
    };
    const bool first = agrees(adapter.switch_index, adapter.port_index);
    if (!first && adapter.switch_index.load() != kNone) leave_switch(a, adapter.switch_index, adapter.port_index);
    const bool link = first && agrees(adapter.link_switch, adapter.link_port);
    if (!link && adapter.link_switch.load() != kNone) leave_switch(a, adapter.link_switch, adapter.link_port);
    if (!link) adapter.polling.store(0);
  }
}

}  // namespace nm
