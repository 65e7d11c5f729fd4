// Control requests that look and bind nothing.
#pragma once

#include "../abi/request.h"
#include "../device/status.h"

namespace nm {

Status serve_query(nmreq_header* header);

}  // namespace nm
