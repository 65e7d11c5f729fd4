// Control requests about switch ports: VALE_NEWIF, DELIF, ATTACH, DETACH and POLLING, PORT_HDR_SET and GET.
#pragma once

#include "../abi/request.h"
#include "../device/status.h"
#include "control.h"

namespace nm {

// The control lock is held; null = there is no engine yet, so no port either. EOPNOTSUPP for requests of other kinds.
Status serve_vale(nmreq_header* header, Control* control);

}  // namespace nm
