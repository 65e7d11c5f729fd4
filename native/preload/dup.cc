// Descriptors of descriptors: dup, dup2, dup3, fcntl.
#include <fcntl.h>

#include <cerrno>
#include <cstdarg>

#include "files.h"
#include "interpose.h"
#include "process.h"
#include "real.h"

namespace nm {

namespace {

// `to` is now what `from` is.
int noted(int from, int to) {
  if (to < 0 || from == to) return to;
  Object* object = FdTable::get(from);
  if (object == &own) object = nullptr;
  if (object || FdTable::get(to)) add_fd(to, object);
  return to;
}

bool passes_dup() {
  if (passes() || in_shared_memory()) return true;
  take_inheritance();
  return false;
}

// The engine's descriptors cannot be given up; dup2 may say EBUSY on Linux.
bool taken(int to) {
  if (FdTable::get(to) != &own) return false;
  errno = EBUSY;
  return true;
}

template <typename F>
int served_fcntl(F& real, int fd, int command, void* argument) {
  const long number = reinterpret_cast<long>(argument);
  if (idle()) return real(fd, command, argument);
  switch (command) {
    case F_DUPFD:
    case F_DUPFD_CLOEXEC: {
      if (passes_dup()) return real(fd, command, argument);
      return noted(fd, real(fd, command, argument));
    }
    case F_SETFL:  // the door must not block
      return real(fd, command, port_file(fd) ? reinterpret_cast<void*>(number | O_NONBLOCK) : argument);
    default:
      return real(fd, command, argument);
  }
}

}  // namespace

INTERPOSE(int, dup, (int fd)) {
  return passes_dup() ? real::dup(fd) : noted(fd, real::dup(fd));
}

INTERPOSE(int, dup2, (int from, int to)) {
  if (passes_dup()) return real::dup2(from, to);
  return taken(to) ? -1 : noted(from, real::dup2(from, to));
}

INTERPOSE(int, dup3, (int from, int to, int flags)) {
  if (passes_dup()) return real::dup3(from, to, flags);
  return taken(to) ? -1 : noted(from, real::dup3(from, to, flags));
}

#define SERVE_FCNTL(name)                                   \
  INTERPOSE(int, name, (int fd, int command, ...)) {        \
    va_list list;                                           \
    va_start(list, command);                                \
    void* argument = va_arg(list, void*);                   \
    va_end(list);                                           \
    return served_fcntl(real::name, fd, command, argument); \
  }

SERVE_FCNTL(fcntl)
SERVE_FCNTL(fcntl64)

}  // namespace nm
