// Control requests that look and bind nothing.
#pragma once

#include <cerrno>

#include "../abi/request.h"
#include "../device/status.h"

namespace nm {

Status serve_query(nmreq_header* header);

// The request's body; EINVAL when there is none.
template <typename Body>
Status body_of(const nmreq_header* header, Body** out) {
  *out = reinterpret_cast<Body*>(header->nr_body);
  return *out ? Status{} : Status::failure(EINVAL, "NIOCCTRL", "the request has no body");
}

}  // namespace nm
