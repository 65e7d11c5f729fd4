#include "requests.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "directory.h"
#include "folder.h"
#include "vale_requests.h"

namespace nm {

namespace {

// A port as it is, or as it would be if it were opened now: netmap makes it for the time of the question.
struct Seen {
  Geometry geometry;
  RegionPlan plan;
  uint32_t mem_id = 0;
};

Status look(Control* control, const char* text, uint32_t mem_id, Seen* out) {
  Limits limits;
  if (control) {
    limits = control->limits();
  } else if (Status s = Limits::from_environment(&limits); !s.ok()) {
    return s;
  }
  out->mem_id = mem_id ? mem_id : kGlobalRegion;
  out->plan = RegionPlan::global(limits);
  PortName name;
  uint32_t region = kNone;
  if (*text) {
    Status s = PortName::parse(text, NR_REG_ALL_NIC, &name);
    if (s.ok() && !control && name.interface()) s = PortName::no_interface(name.full);
    if (!s.ok()) return s;
    out->geometry = Geometry::wanted(name.kind, 0, 0, 0, 0);
  }
  if (control) {
    Directory directory(*control);
    if (mem_id > kGlobalRegion) {
      Status s = directory.region_by_id(mem_id, &region);
      if (!s.ok()) return s;
    }
    if (*text) {
      uint32_t a = directory.find(name.full);
      if (a == kNone && name.kind == Kind::kPipe) a = directory.find(name.parent);
      if (a == kNone) {
        Status s = directory.may_make(name);
        if (!s.ok()) return s;
      }
      if (a != kNone) {
        const Adapter& adapter = control->adapter(a);
        const bool itself = directory.find(name.full) != kNone;
        for (uint32_t dir : {kDirRx, kDirTx}) {
          if (itself) out->geometry.rings[dir] = adapter.rings[dir].load();
          out->geometry.slots[dir] = adapter.slots[dir].load();
        }
        region = adapter.region.load();
      } else if (mem_id == 0) {
        region = directory.family_region(name);
      }
    }
    if (region != kNone && region < control->regions()) {
      const RegionRecord& r = control->region(region);
      out->plan = Control::plan_of(r);
      out->mem_id = region + 1;
      return {};
    }
  } else if (mem_id > kGlobalRegion) {
    return Status::failure(EINVAL, "NIOCCTRL", "there is no memory region with id " + std::to_string(mem_id));
  }
  if (*text && mem_id == 0) {
    out->plan = RegionPlan::port(limits, out->geometry.rings, out->geometry.slots, 0);
    out->mem_id = control ? Directory(*control).free_region_id() : kGlobalRegion + 1;
  }
  return {};
}

Status port_info(nmreq_header* header, Control* control) {
  nmreq_port_info_get* body;
  Status s = body_of(header, &body);
  if (!s.ok()) return s;
  Seen seen;
  s = look(control, header->nr_name, body->nr_mem_id, &seen);
  if (!s.ok()) return s;
  const bool port = header->nr_name[0] != 0;
  *body = nmreq_port_info_get{};
  body->nr_memsize = seen.plan.memsize();
  body->nr_mem_id = static_cast<uint16_t>(seen.mem_id);
  if (port) {
    body->nr_tx_slots = seen.geometry.slots[kDirTx];
    body->nr_rx_slots = seen.geometry.slots[kDirRx];
    body->nr_tx_rings = static_cast<uint16_t>(seen.geometry.rings[kDirTx]);
    body->nr_rx_rings = static_cast<uint16_t>(seen.geometry.rings[kDirRx]);
  }
  return {};
}

Status pools_info(nmreq_header* header, Control* control) {
  nmreq_pools_info* body;
  Status s = body_of(header, &body);
  if (!s.ok()) return s;
  if (!header->nr_name[0]) return Status::failure(ENXIO, "NIOCCTRL", "POOLS_INFO_GET needs a port name");
  Seen seen;
  s = look(control, header->nr_name, body->nr_mem_id, &seen);
  if (!s.ok()) return s;
  const RegionPlan& p = seen.plan;
  *body = nmreq_pools_info{};
  body->nr_memsize = p.memsize();
  body->nr_mem_id = static_cast<uint16_t>(seen.mem_id);
  body->nr_if_pool_objtotal = p.if_total;
  body->nr_if_pool_objsize = p.if_size;
  body->nr_ring_pool_offset = p.ring_ofs();
  body->nr_ring_pool_objtotal = p.ring_total;
  body->nr_ring_pool_objsize = p.ring_size;
  body->nr_buf_pool_offset = p.buf_ofs();
  body->nr_buf_pool_objtotal = p.buf_total;
  body->nr_buf_pool_objsize = p.buf_size;
  return {};
}

constexpr uint32_t kNotThere = 255;  // VALE_LIST's port index for a name that no port has

Status vale_list(nmreq_header* header, Control* control) {
  nmreq_vale_list* body;
  Status s = body_of(header, &body);
  if (!s.ok()) return s;
  const std::string text(header->nr_name, strnlen(header->nr_name, sizeof header->nr_name));
  Status none = Status::failure(ENOENT, "NIOCCTRL", text.empty() ? "no more switch ports" : "no such switch");
  if (!text.empty()) {
    if (text.compare(0, 4, "vale") != 0) return Status::failure(EINVAL, "NIOCCTRL", "'" + text + "' names no switch");
    const size_t colon = text.find(':');
    if (!control || colon == std::string::npos) return none;
    Directory directory(*control);
    const uint32_t sw = directory.find_switch(text.substr(0, colon));
    if (sw == kNone) return none;
    const uint32_t a = directory.find(text);
    body->nr_bridge_idx = static_cast<uint16_t>(sw);
    const bool first = a != kNone && control->adapter(a).switch_index.load() == sw;
    body->nr_port_idx =
        a == kNone ? kNotThere : (first ? control->adapter(a).port_index : control->adapter(a).link_port).load();
    return {};
  }
  if (!control) return none;
  uint32_t port = body->nr_port_idx;
  for (uint32_t sw = body->nr_bridge_idx; sw < control->switches(); ++sw, port = 0) {
    if (!control->vale(sw).used.load()) continue;
    for (; port < control->limits().ports; ++port) {
      const uint32_t a = control->vale(sw).ports[port].load() - 1;
      if (a >= control->adapters()) continue;
      body->nr_bridge_idx = static_cast<uint16_t>(sw);
      body->nr_port_idx = port;
      const std::string name = Directory(*control).name_on(a, sw);
      std::memset(header->nr_name, 0, sizeof header->nr_name);
      std::memcpy(header->nr_name, name.data(), std::min(name.size(), sizeof header->nr_name - 1));
      return {};
    }
  }
  return none;
}

}  // namespace

Status serve_query(nmreq_header* header) {
  const uint16_t type = header->nr_reqtype;
  if (type == 0 || type > NETMAP_REQ_CSB_ENABLE) {
    return Status::failure(EINVAL, "NIOCCTRL", "unknown request " + std::to_string(type));
  }
  auto serve = [&](Control* c) {
    if (type == NETMAP_REQ_PORT_INFO_GET) return port_info(header, c);
    if (type == NETMAP_REQ_POOLS_INFO_GET) return pools_info(header, c);
    if (type == NETMAP_REQ_VALE_LIST) return vale_list(header, c);
    return serve_vale(header, c);
  };
  const bool makes = type == NETMAP_REQ_VALE_NEWIF;  // the others find nothing where there is no engine yet
  for (;;) {
    std::shared_ptr<Control> control;
    Status s = Control::attach(makes, &control);
    if (!s.ok() && (makes || s.err != ENOENT)) return s;
    if (!control) return serve(nullptr);
    Control::Hold lock(*control);
    if (lock.status().err == ESTALE) {
      if (makes) continue;
      return serve(nullptr);
    }
    if (!lock.status().ok()) return lock.status();
    Directory(*control).sweep(false);
    s = serve(control.get());
    if (makes || type == NETMAP_REQ_VALE_DELIF || type == NETMAP_REQ_VALE_DETACH) Directory(*control).sweep(true);
    return s;
  }
}

}  // namespace nm
