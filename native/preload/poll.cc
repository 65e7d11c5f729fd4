// poll and ppoll.
#include <cstddef>

#include "interpose.h"
#include "process.h"
#include "real.h"
#include "wait.h"

namespace nm {

namespace {

int served_poll(pollfd* fds, nfds_t count, int timeout) {
  if (wait_passes() || !has_netmap(fds, count)) return real::poll(fds, count, timeout);
  return wait_for(fds, count, Deadline::after_ms(timeout), nullptr);
}

int served_ppoll(pollfd* fds, nfds_t count, const timespec* timeout, const sigset_t* mask) {
  if (wait_passes() || !has_netmap(fds, count)) return real::ppoll(fds, count, timeout, mask);
  return wait_for(fds, count, Deadline::after(timeout), mask);
}

}  // namespace

INTERPOSE(int, poll, (pollfd * fds, nfds_t count, int timeout)) {
  return served_poll(fds, count, timeout);
}

INTERPOSE(int, ppoll, (pollfd * fds, nfds_t count, const timespec* timeout, const sigset_t* mask)) {
  return served_ppoll(fds, count, timeout, mask);
}

// What _FORTIFY_SOURCE makes of them; the array's size was for the C library to check.
INTERPOSE(int, __poll_chk, (pollfd * fds, nfds_t count, int timeout, size_t size)) {
  if (size / sizeof *fds < count) __builtin_trap();
  return served_poll(fds, count, timeout);
}

INTERPOSE(int, __ppoll_chk, (pollfd * fds, nfds_t count, const timespec* timeout, const sigset_t* mask, size_t size)) {
  if (size / sizeof *fds < count) __builtin_trap();
  return served_ppoll(fds, count, timeout, mask);
}

}  // namespace nm
