// close, close_range and closefrom.
#include <linux/close_range.h>
#include <unistd.h>

#include <cerrno>

#include "files.h"
#include "interpose.h"
#include "process.h"
#include "real.h"

namespace nm {

namespace {

#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2)
#endif

// All but the engine's own.
int close_all(unsigned first, unsigned last, int flags) {
  if (first > last) return real::close_range(first, last, flags);
  take_inheritance();
  unsigned from = first;
  for (int fd : FdTable::within(first, last)) {
    Object* object = FdTable::get(fd);
    if (object != &own) continue;
    const unsigned here = static_cast<unsigned>(fd);
    if (from < here && real::close_range(from, here - 1, flags) != 0) return -1;
    from = here + 1;
  }
  if (from <= last && from > 0 && real::close_range(from, last, flags) != 0) return -1;
  if (from == 0 && real::close_range(first, last, flags) != 0) return -1;
  for (int fd : FdTable::within(first, last)) {
    if (FdTable::get(fd) != &own) drop_fd(fd);
  }
  return 0;
}

}  // namespace

INTERPOSE(int, close, (int fd)) {
  if (idle()) return real::close(fd);
  take_inheritance();
  Object* object = FdTable::get(fd);
  if (!object || in_shared_memory()) return real::close(fd);
  if (detail::inside) {
    FdTable::set(fd, nullptr);
    return real::close(fd);
  }
  if (object == &own) {  // a program that closes all it can think of
    errno = EBADF;
    return -1;
  }
  const int result = real::close(fd);
  const int error = errno;
  drop_fd(fd);
  errno = error;
  return result;
}

INTERPOSE(int, close_range, (unsigned first, unsigned last, int flags)) {
  if (passes() || in_shared_memory() || (flags & CLOSE_RANGE_CLOEXEC)) return real::close_range(first, last, flags);
  return close_all(first, last, flags);
}

INTERPOSE(void, closefrom, (int first)) {
  const unsigned from = first < 0 ? 0 : static_cast<unsigned>(first);
  const bool ours = !passes() && !in_shared_memory();
  if ((ours ? close_all(from, ~0u, 0) : real::close_range(from, ~0u, 0)) == 0) return;
  for (int fd = static_cast<int>(from); fd < static_cast<int>(sysconf(_SC_OPEN_MAX)); ++fd) close(fd);
}

}  // namespace nm
