// Numbers of netmap's ioctls, from the target's own encoding. The static_asserts pin what was seen on each system.
#pragma once

#include <sys/ioctl.h>

#include "legacy.h"
#include "request.h"

namespace nm {

inline constexpr unsigned long kIocGetInfo = _IOWR('i', 145, nmreq);         // NIOCGINFO (legacy)
inline constexpr unsigned long kIocRegIf = _IOWR('i', 146, nmreq);           // NIOCREGIF (legacy)
inline constexpr unsigned long kIocTxSync = _IO('i', 148);                   // NIOCTXSYNC
inline constexpr unsigned long kIocRxSync = _IO('i', 149);                   // NIOCRXSYNC
inline constexpr unsigned long kIocConfig = _IOWR('i', 150, nm_ifreq);       // NIOCCONFIG
inline constexpr unsigned long kIocControl = _IOWR('i', 151, nmreq_header);  // NIOCCTRL

static_assert(kIocGetInfo == 0xc03c6991);
static_assert(kIocRegIf == 0xc03c6992);
static_assert(kIocConfig == 0xc1106996);
static_assert(kIocControl == 0xc0586997);
#if defined(__FreeBSD__)
static_assert(kIocTxSync == 0x20006994 && kIocRxSync == 0x20006995);
#else
static_assert(kIocTxSync == 0x00006994 && kIocRxSync == 0x00006995);
#endif

}  // namespace nm
