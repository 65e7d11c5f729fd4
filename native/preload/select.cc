// select and pselect, by way of poll.
#include <cerrno>
#include <vector>

#include "files.h"
#include "interpose.h"
#include "process.h"
#include "real.h"
#include "wait.h"

namespace nm {

namespace {

constexpr short kIn = POLLIN | POLLRDNORM | POLLRDBAND;
constexpr short kOut = POLLOUT | POLLWRNORM | POLLWRBAND;

bool asks_for_netmap(int count, const fd_set* in, const fd_set* out) {
  for (int fd = 0; fd < count; ++fd) {
    if (((in && FD_ISSET(fd, in)) || (out && FD_ISSET(fd, out))) && port_file(fd)) return true;
  }
  return false;
}

int by_poll(int count, fd_set* in, fd_set* out, fd_set* except, const Deadline& deadline, const sigset_t* mask) {
  std::vector<pollfd> fds;
  for (int fd = 0; fd < count; ++fd) {
    short events = 0;
    if (in && FD_ISSET(fd, in)) events |= kIn;
    if (out && FD_ISSET(fd, out)) events |= kOut;
    if (except && FD_ISSET(fd, except)) events |= POLLPRI;
    if (events) fds.push_back(pollfd{fd, events, 0});
  }
  const int n = wait_for(fds.data(), fds.size(), deadline, mask);
  if (n < 0) return n;
  for (const pollfd& p : fds) {
    if (!(p.revents & POLLNVAL)) continue;
    errno = EBADF;
    return -1;
  }
  int bits = 0;
  for (const pollfd& p : fds) {
    auto answer = [&](fd_set* set, short asked, short meaning) {
      if (!set || !(p.events & asked)) return;
      if (p.revents & meaning) {
        ++bits;
      } else {
        FD_CLR(p.fd, set);
      }
    };
    answer(in, kIn, kIn | POLLHUP | POLLERR);
    answer(out, kOut, kOut | POLLERR);
    answer(except, POLLPRI, POLLPRI);
  }
  return bits;
}

}  // namespace

INTERPOSE(int, select, (int count, fd_set* in, fd_set* out, fd_set* except, timeval* timeout)) {
  if (wait_passes() || !asks_for_netmap(count, in, out)) return real::select(count, in, out, except, timeout);
  timespec delay{};
  if (timeout) delay = timespec{timeout->tv_sec, timeout->tv_usec * 1000};
  const Deadline deadline = Deadline::after(timeout ? &delay : nullptr);
  const int n = by_poll(count, in, out, except, deadline, nullptr);
  if (timeout) {  // Linux says what is left
    const int64_t left = deadline.left(INT64_MAX) / 1000;
    *timeout = timeval{static_cast<time_t>(left / 1000000), static_cast<suseconds_t>(left % 1000000)};
  }
  return n;
}

INTERPOSE(int, pselect,
          (int count, fd_set* in, fd_set* out, fd_set* except, const timespec* timeout, const sigset_t* mask)) {
  if (wait_passes() || !asks_for_netmap(count, in, out)) return real::pselect(count, in, out, except, timeout, mask);
  return by_poll(count, in, out, except, Deadline::after(timeout), mask);
}

}  // namespace nm
