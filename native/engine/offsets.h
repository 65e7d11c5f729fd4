// The offsets option: payloads begin somewhere inside their buffers, and a slot's ptr says where.
#pragma once

#include "../abi/option.h"
#include "directory.h"

namespace nm {

// Serves the option for the rings that the descriptor has just bound; nothing to do when the request has none.
// EINVAL for numbers that make no sense, EBUSY when others use a ring with less room for offsets. Needs the control
// lock.
Status serve_offsets(Control& control, uint32_t descriptor, const nmreq_header* header);

}  // namespace nm
