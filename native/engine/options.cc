#include "options.h"

#include <cerrno>
#include <string>

namespace nm {

namespace {

nmreq_option* at(uint64_t address) {
  return reinterpret_cast<nmreq_option*>(address);
}

}  // namespace

Status check_options(nmreq_header* header) {
  nmreq_option* seen[NETMAP_REQ_OPT_MAX] = {};
  size_t size = 0;
  for (nmreq_option* o = at(header->nr_options); o; o = at(o->nro_next)) {
    size += sizeof *o;
    if (size > kReqMaxSize) return Status::failure(EMSGSIZE, "NIOCCTRL", "the list of options is too long");
    const uint32_t type = o->nro_reqtype;
    if (type == 0) {
      o->nro_status = EINVAL;
      return Status::failure(EINVAL, "NIOCCTRL", "an option of type 0");
    }
    o->nro_status = EOPNOTSUPP;
    if (type >= NETMAP_REQ_OPT_MAX) continue;
    if (seen[type]) {
      seen[type]->nro_status = o->nro_status = EINVAL;
      return Status::failure(EINVAL, "NIOCCTRL", "option " + std::to_string(type) + " is there twice");
    }
    seen[type] = o;
  }
  return {};
}

nmreq_option* find_option(const nmreq_header* header, uint32_t type) {
  for (nmreq_option* o = at(header->nr_options); o; o = at(o->nro_next)) {
    if (o->nro_reqtype == type) return o;
  }
  return nullptr;
}

Status all_served(const nmreq_header* header) {
  for (const nmreq_option* o = at(header->nr_options); o; o = at(o->nro_next)) {
    if (o->nro_status != EOPNOTSUPP) continue;
    return Status::failure(EOPNOTSUPP, "register",
                           "the engine does not serve request option " + std::to_string(o->nro_reqtype));
  }
  return {};
}

}  // namespace nm
