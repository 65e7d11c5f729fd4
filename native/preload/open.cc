// open and its variants.
#include <fcntl.h>
#include <limits.h>
#include <unistd.h>

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstring>

#include "files.h"
#include "interpose.h"
#include "own_fd.h"
#include "process.h"
#include "real.h"

namespace nm {

namespace {

constexpr char kDevice[] = "/dev/netmap";

// Whether a path, which has been seen to be readable, means netmap's device.
bool is_device(int folder, const char* path) {
  if (path[0] == '/') return std::strcmp(path, kDevice) == 0;
  if (std::strcmp(path, kDevice + 5) != 0 && std::strcmp(path, "./netmap") != 0) return false;
  char link[32], name[PATH_MAX];
  std::snprintf(link, sizeof link, folder == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", folder);
  const ssize_t length = readlink(link, name, sizeof name);
  return length == 4 && std::memcmp(name, "/dev", 4) == 0;
}

// What the program gets for what the system's open has answered.
int served(int fd, int folder, const char* path, int flags) {
  if (detail::inside) {
    // Those that the engine opens for reading only it closes at once.
    return (flags & O_ACCMODE) == O_RDWR ? keep_out_of_the_way(fd) : fd;
  }
  if (fd >= 0) {
    // With netmap's module on the machine that was the device itself. A bad path would not have led there.
    if (!is_device(folder, path)) return fd;
    real::close(fd);
    return open_file(flags);
  }
  if (errno == EFAULT || !is_device(folder, path)) return fd;
  return open_file(flags);
}

// Creating is the one thing that must not be tried first.
bool creates(int folder, const char* path, int flags) {
  return (flags & O_CREAT) && !detail::inside && is_device(folder, path);
}

mode_t mode_of(va_list list, int flags) {
  // NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): the caller has started it
  return flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY)) ? va_arg(list, mode_t) : 0;
}

}  // namespace

#define MODE(flags)                         \
  va_list list;                             \
  va_start(list, flags);                    \
  const mode_t mode = mode_of(list, flags); \
  va_end(list)

INTERPOSE(int, open, (const char* path, int flags, ...)) {
  MODE(flags);
  if (creates(AT_FDCWD, path, flags)) return open_file(flags);
  return served(real::open(path, flags, mode), AT_FDCWD, path, flags);
}

INTERPOSE(int, open64, (const char* path, int flags, ...)) {
  MODE(flags);
  if (creates(AT_FDCWD, path, flags)) return open_file(flags);
  return served(real::open64(path, flags, mode), AT_FDCWD, path, flags);
}

INTERPOSE(int, openat, (int folder, const char* path, int flags, ...)) {
  MODE(flags);
  if (creates(folder, path, flags)) return open_file(flags);
  return served(real::openat(folder, path, flags, mode), folder, path, flags);
}

INTERPOSE(int, openat64, (int folder, const char* path, int flags, ...)) {
  MODE(flags);
  if (creates(folder, path, flags)) return open_file(flags);
  return served(real::openat64(folder, path, flags, mode), folder, path, flags);
}

#undef MODE

// What _FORTIFY_SOURCE makes of calls without a mode.
INTERPOSE(int, __open_2, (const char* path, int flags)) {
  return served(real::open(path, flags, mode_t{0}), AT_FDCWD, path, flags);
}

INTERPOSE(int, __open64_2, (const char* path, int flags)) {
  return served(real::open64(path, flags, mode_t{0}), AT_FDCWD, path, flags);
}

INTERPOSE(int, __openat_2, (int folder, const char* path, int flags)) {
  return served(real::openat(folder, path, flags, mode_t{0}), folder, path, flags);
}

INTERPOSE(int, __openat64_2, (int folder, const char* path, int flags)) {
  return served(real::openat64(folder, path, flags, mode_t{0}), folder, path, flags);
}

}  // namespace nm
