// mmap and munmap.
#include <sys/mman.h>

#include <cerrno>

#include "interpose.h"
#include "mappings.h"
#include "process.h"
#include "real.h"

namespace nm {

namespace {

void* served_mmap(void* address, size_t size, int protection, int flags, int fd, off_t offset) {
  if (idle() || detail::inside) {
    void* at = real::mmap(address, size, protection, flags, fd, offset);
    // A FIFO cannot be mapped: perhaps it is a door that came from another process.
    if (at != MAP_FAILED || errno != ENODEV || detail::inside) return at;
    PortFile* file = adopt(fd);
    if (!file) {
      errno = ENODEV;
      return at;
    }
    return map_file(file, address, size, protection, flags, offset);
  }
  PortFile* file = flags & MAP_ANONYMOUS ? nullptr : port_file(fd);
  if (file) return map_file(file, address, size, protection, flags, offset);
  if ((flags & MAP_FIXED) && any_mapped()) return map_over(address, size, protection, flags, fd, offset);
  void* at = real::mmap(address, size, protection, flags, fd, offset);
  if (at != MAP_FAILED || errno != ENODEV || FdTable::get(fd)) return at;
  file = adopt(fd);
  if (!file) {
    errno = ENODEV;
    return at;
  }
  return map_file(file, address, size, protection, flags, offset);
}

}  // namespace

INTERPOSE(void*, mmap, (void* address, size_t size, int protection, int flags, int fd, off_t offset)) {
  return served_mmap(address, size, protection, flags, fd, offset);
}

INTERPOSE(void*, mmap64, (void* address, size_t size, int protection, int flags, int fd, off_t offset)) {
  return served_mmap(address, size, protection, flags, fd, offset);
}

INTERPOSE(int, munmap, (void* address, size_t size)) {
  if (passes() || !any_mapped()) return real::munmap(address, size);
  return unmap(address, size);
}

}  // namespace nm
