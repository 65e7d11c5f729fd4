// Control requests that look and bind nothing.
#pragma once

#include "../abi/option.h"
#include "../device/status.h"

namespace nm {

// Walks the option list. None is served here: each is marked EOPNOTSUPP. EMSGSIZE when the list has no end.
Status check_options(nmreq_header* header);

Status serve_query(nmreq_header* header);

}  // namespace nm
