// Control requests that look and bind nothing.
#pragma once

#include <cerrno>
#include <string>
#include <utility>

#include "../abi/request.h"
#include "../device/status.h"

namespace nm {

Status serve_query(nmreq_header* header);

inline Status refuse(int err, std::string detail) {
  return Status::failure(err, "NIOCCTRL", std::move(detail));
}

// The request's body; EINVAL when there is none.
template <typename Body>
Status body_of(const nmreq_header* header, Body** out) {
  *out = reinterpret_cast<Body*>(header->nr_body);
  return *out ? Status{} : refuse(EINVAL, "the request has no body");
}

}  // namespace nm
