// epoll_ctl and the waits.
#include <cerrno>

#include "epoll_record.h"
#include "epoll_set.h"
#include "interpose.h"
#include "own_fd.h"
#include "process.h"
#include "real.h"
#include "wait.h"

namespace nm {

namespace {

// The kernel's own events and those of netmap files.
int wait_for_events(int epfd, epoll_event* events, int most, const Deadline& deadline, const sigset_t* mask) {
  if (most <= 0 || !events) {
    errno = most <= 0 ? EINVAL : EFAULT;
    return -1;
  }
  for (;;) {
    EpollSet* set = epoll_set(epfd);
    if (!set) {
      errno = EBADF;
      return -1;
    }
    // Who comes first alternates: there may be room for one event only.
    int n = 0;
    const bool ours_first = set->toggle();
    if (ours_first) n = set->collect(events, most);
    if (n < most) {
      const int more = real::epoll_wait(epfd, events + n, most - n, 0);
      if (more < 0 && n == 0) return more;
      if (more > 0) n += more;
    }
    if (!ours_first && n < most) n += set->collect(events + n, most - n);
    if (n > 0 || deadline.immediate() || deadline.over()) return n;
    // Sleeping is what poll does on an epoll descriptor.
    pollfd p{epfd, POLLIN, 0};
    timespec left{0, 0};
    const int64_t nanoseconds = deadline.left(int64_t{kLookAgainMs} * 1000000);
    left.tv_sec = static_cast<time_t>(nanoseconds / 1000000000);
    left.tv_nsec = static_cast<long>(nanoseconds % 1000000000);
    if (wait_for(&p, 1, Deadline::after(&left), mask) < 0) return -1;
  }
}

bool serves(int epfd) {
  if (wait_passes()) return false;
  EpollSet* set = epoll_set(epfd);
  return set && !set->empty();
}

}  // namespace

// The engine's own is kept out of the program's way.
INTERPOSE(int, epoll_create1, (int flags)) {
  const int fd = real::epoll_create1(flags);
  return detail::inside ? keep_out_of_the_way(fd) : fd;
}

INTERPOSE(int, epoll_ctl, (int epfd, int operation, int fd, epoll_event* event)) {
  PortFile* file = wait_passes() ? nullptr : port_file(fd);
  if (!file) return real::epoll_ctl(epfd, operation, fd, event);
  EpollSet* set = epoll_set(epfd);
  if (!set) {
    // The kernel knows whether this is an epoll descriptor at all: it has nothing to delete there.
    if (real::epoll_ctl(epfd, EPOLL_CTL_DEL, fd, event) != 0 && errno != ENOENT) return -1;
    set = new_epoll_set(epfd);
  }
  if (const int error = set->control(operation, file, fd, event)) {
    errno = error;
    return -1;
  }
  record_epoll(epfd, operation, fd, event);
  return 0;
}

INTERPOSE(int, epoll_wait, (int epfd, epoll_event* events, int most, int timeout)) {
  if (!serves(epfd)) return real::epoll_wait(epfd, events, most, timeout);
  return wait_for_events(epfd, events, most, Deadline::after_ms(timeout), nullptr);
}

INTERPOSE(int, epoll_pwait, (int epfd, epoll_event* events, int most, int timeout, const sigset_t* mask)) {
  if (!serves(epfd)) return real::epoll_pwait(epfd, events, most, timeout, mask);
  return wait_for_events(epfd, events, most, Deadline::after_ms(timeout), mask);
}

INTERPOSE(int, epoll_pwait2, (int epfd, epoll_event* events, int most, const timespec* timeout, const sigset_t* mask)) {
  if (!serves(epfd)) return real::epoll_pwait2(epfd, events, most, timeout, mask);
  return wait_for_events(epfd, events, most, Deadline::after(timeout), mask);
}

}  // namespace nm
