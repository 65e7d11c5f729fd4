// Room in a file for good: what has been allocated can be written through a mapping, without a SIGBUS on a full file
// system.
#pragma once

#include <fcntl.h>

#include <cerrno>
#include <cstdint>

namespace nm {

// Returns an errno, 0 for success. Signals, which interrupt it on tmpfs, are none of the caller's business.
inline int allocate(int fd, uint64_t offset, uint64_t size) {
  int err;
  do {
    err = posix_fallocate(fd, static_cast<off_t>(offset), static_cast<off_t>(size));
  } while (err == EINTR);
  return err;
}

}  // namespace nm
