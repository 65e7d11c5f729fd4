#include "own_fd.h"

#include <fcntl.h>
#include <sys/resource.h>

#include <cerrno>

#include "fd_table.h"
#include "real.h"

namespace nm {

namespace {

// High enough for programs that count on low numbers (select, "the lowest free one"), low enough for small limits and
// the kernel's tables.
int first_own() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > 1024) return 768;
  return static_cast<int>(limit.rlim_cur / 4 * 3);
}

}  // namespace

int own_copy(int fd) {
  int copy = real::fcntl(fd, F_DUPFD_CLOEXEC, first_own());
  if (copy < 0) copy = real::fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (copy >= 0) FdTable::set(copy, &own);
  return copy;
}

int keep_out_of_the_way(int fd) {
  if (fd < 0) return fd;
  const int error = errno;
  const int high = real::fcntl(fd, F_DUPFD_CLOEXEC, first_own());
  if (high >= 0) {
    real::close(fd);
    fd = high;
  }
  errno = error;
  FdTable::set(fd, &own);
  return fd;
}

}  // namespace nm
