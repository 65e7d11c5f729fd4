// What the kernel module would write to its log.
#pragma once

#include "../device/status.h"

namespace nm {

// To stderr, if $NODE_NETMAP_VERBOSE is set: a C program only ever sees an errno.
void report(const Status& status);

}  // namespace nm
