#include "vale_requests.h"

#include <cstring>

#include "directory.h"
#include "requests.h"

namespace nm {

namespace {

std::string name_in(const nmreq_header* header) {
  return std::string(header->nr_name, strnlen(header->nr_name, sizeof header->nr_name));
}

// The name of a port on a switch. `malformed` is what a request answers to valeX without a port.
Status switch_port(const nmreq_header* header, int malformed, PortName* out) {
  const std::string text = name_in(header);
  if (text.compare(0, 4, "vale") != 0) return refuse(EINVAL, "'" + text + "' is no port of a switch (valeX:port)");
  Status s = PortName::parse(header->nr_name, NR_REG_ALL_NIC, out);
  if (s.err == ENOMEM) s.err = malformed;
  // What looks like a pipe would be an interface with a brace in its name, and there are none.
  if (s.err == EINVAL || out->kind == Kind::kPipe)
    s = refuse(malformed == ENOMEM ? EINVAL : malformed, "no port '" + text + "'");
  return s;
}

Status nowhere(const std::string& name) {
  return refuse(ENXIO, "there is no '" + name + "'");
}

Status new_port(nmreq_header* header, Control* control) {
  nmreq_vale_newif* body;
  Status s = body_of(header, &body);
  return s.ok() ? Directory(*control).new_persistent(name_in(header), body) : s;
}

Status drop_port(nmreq_header* header, Control* control) {
  if (header->nr_body) return refuse(EINVAL, "VALE_DELIF takes no body");
  return control ? Directory(*control).drop_persistent(name_in(header)) : nowhere(name_in(header));
}

Status attach(nmreq_header* header, Control* control) {
  nmreq_vale_attach* body;
  PortName name;
  Status s = body_of(header, &body);
  if (s.ok()) s = switch_port(header, ENOMEM, &name);
  if (!s.ok()) return s;
  if (!control) return refuse(EINVAL, "there is no persistent port '" + name.port + "' (VALE_NEWIF makes them)");
  return Directory(*control).attach(name, body->reg, &body->port_index);
}

Status detach(nmreq_header* header, Control* control) {
  nmreq_vale_detach* body;
  PortName name;
  Status s = body_of(header, &body);
  if (s.ok()) s = switch_port(header, ENXIO, &name);
  if (!s.ok()) return s;
  return control ? Directory(*control).detach(name, &body->port_index) : nowhere(name.full);
}

Status polling(nmreq_header* header, Control* control) {
  nmreq_vale_polling* body;
  PortName name;
  Status s = body_of(header, &body);
  if (s.ok()) s = switch_port(header, ENXIO, &name);
  if (!s.ok()) return s;
  if (!control) return nowhere(name.full);
  return Directory(*control).poll_link(name, header->nr_reqtype == NETMAP_REQ_VALE_POLLING_ENABLE, *body);
}

Status set_header(nmreq_header* header, Control* control) {
  nmreq_port_hdr* body;
  Status s = body_of(header, &body);
  if (!s.ok()) return s;
  const uint32_t length = body->nr_hdr_len;
  if (length != 0 && length != 10 && length != 12) {
    return refuse(EINVAL, std::to_string(length) + " bytes of virtio-net header: must be 0, 10 or 12");
  }
  // Of ports on a switch only, and by their name there.
  const std::string text = name_in(header);
  const uint32_t a = control && text.compare(0, 4, "vale") == 0 ? Directory(*control).find(text) : kNone;
  if (a == kNone || control->adapter(a).kind.load() != static_cast<uint32_t>(Kind::kVale)) return nowhere(text);
  Adapter& adapter = control->adapter(a);
  adapter.vnet_header.store(length);
  for (const auto* sw : {&adapter.switch_index, &adapter.link_switch}) {
    if (sw->load() < control->switches()) control->vale(sw->load()).epoch.fetch_add(1);  // senders look again
  }
  return {};
}

Status get_header(nmreq_header* header, Control* control) {
  nmreq_port_hdr* body;
  Status s = body_of(header, &body);
  if (!s.ok()) return s;
  const std::string text = name_in(header);
  const uint32_t a = control ? Directory(*control).find(text) : kNone;
  if (a == kNone) {
    const bool pipe = text.find_first_of("{}") != std::string::npos;
    return pipe ? refuse(ENODEV, "there is no pipe '" + text + "'") : nowhere(text);
  }
  body->nr_hdr_len = control->adapter(a).vnet_header.load();
  return {};
}

}  // namespace

Status serve_vale(nmreq_header* header, Control* control) {
  switch (header->nr_reqtype) {
    case NETMAP_REQ_VALE_NEWIF:
      return new_port(header, control);
    case NETMAP_REQ_VALE_DELIF:
      return drop_port(header, control);
    case NETMAP_REQ_VALE_ATTACH:
      return attach(header, control);
    case NETMAP_REQ_VALE_DETACH:
      return detach(header, control);
    case NETMAP_REQ_VALE_POLLING_ENABLE:
    case NETMAP_REQ_VALE_POLLING_DISABLE:
      return polling(header, control);
    case NETMAP_REQ_PORT_HDR_SET:
      return set_header(header, control);
    case NETMAP_REQ_PORT_HDR_GET:
      return get_header(header, control);
    default:
      return refuse(EOPNOTSUPP, "the engine does not serve request " + std::to_string(header->nr_reqtype) +
                                    "; the kernel module does");
  }
}

}  // namespace nm
