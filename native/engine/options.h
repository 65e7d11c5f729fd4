// The options of a request, as netmap treats them: each carries a status of its own.
#pragma once

#include "../abi/option.h"
#include "../device/status.h"

namespace nm {

// Walks the list and marks each option EOPNOTSUPP, which stands until somebody serves it. EMSGSIZE when the list has no
// end, EINVAL for an option of type 0 or one that is there twice.
Status check_options(nmreq_header* header);

// The option of this type, null when the request has none. Whoever serves it stores its status.
nmreq_option* find_option(const nmreq_header* header, uint32_t type);

// EOPNOTSUPP while any option is still marked so. Only registrations insist; other requests go ahead without.
Status all_served(const nmreq_header* header);

}  // namespace nm
