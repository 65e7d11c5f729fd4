// Requests of the old API: translated, served, translated back.
#pragma once

#include "../abi/legacy.h"
#include "../device/device.h"

namespace nm {

// NIOCREGIF when `regif`, else NIOCGINFO. Changes the request as the kernel does: only when it was served.
Status serve_legacy(Device& device, bool regif, nmreq* request);

}  // namespace nm
