#include "wait.h"

#include <pthread.h>

#include <algorithm>
#include <cerrno>
#include <deque>
#include <vector>

#include "epoll_set.h"
#include "process.h"
#include "real.h"
#include "sleeper.h"

namespace nm {

namespace {

constexpr int64_t kSecond = 1000000000;

int64_t now() {
  timespec ts;
  clock_gettime(CLOCK_MONOTONIC, &ts);
  return int64_t{ts.tv_sec} * kSecond + ts.tv_nsec;
}

// Asks the netmap files among the descriptors.
int look(pollfd* fds, nfds_t count) {
  int ready = 0;
  for (nfds_t i = 0; i < count; ++i) {
    PortFile* file = port_file(fds[i].fd);
    if (!file) continue;
    std::lock_guard<std::mutex> lock(file->mutex);
    Inside inside;
    fds[i].revents = file->look(fds[i].events);
    ready += fds[i].revents != 0;
  }
  return ready;
}

// Right after traffic, looks a little longer at the one netmap file.
int look_on(pollfd* fd) {
  PortFile* file = port_file(fd->fd);
  std::unique_lock<std::mutex> lock(file->mutex);
  const int64_t until = file->device ? file->device->look_until() : 0;
  lock.unlock();
  while (now() < until) {
    if (look(fd, 1) > 0) return 1;
  }
  return 0;
}

// A thread that is cancelled in its sleep must leave its place to others. Not by a destructor: glibc unwinds with the
// system's libgcc, which may not be the one that is linked in here.
void leave_all(void* sleepers) {
  for (Sleeper& sleeper : *static_cast<std::deque<Sleeper>*>(sleepers)) sleeper.leave(false);
}

// The others, netmap files left out.
class Others {
 public:
  Others(const pollfd* fds, nfds_t count) {
    for (nfds_t i = 0; i < count; ++i) {
      fds_.push_back(fds[i]);
      if (port_file(fds[i].fd)) fds_.back().fd = -1;
    }
    count_ = count;
  }
  std::vector<pollfd>& fds() { return fds_; }
  int poll(int64_t wait, const sigset_t* mask, std::deque<Sleeper>* sleepers) {
    const timespec ts{static_cast<time_t>(wait / kSecond), static_cast<long>(wait % kSecond)};
    int n;
    pthread_cleanup_push(leave_all, sleepers);
    n = real::ppoll(fds_.data(), fds_.size(), &ts, mask);
    pthread_cleanup_pop(0);
    return n;
  }
  // Into the program's array; those of netmap files are there already.
  int answer(pollfd* to) const {
    int ready = 0;
    for (size_t i = 0; i < count_; ++i) {
      if (fds_[i].fd >= 0 || to[i].fd < 0) to[i].revents = fds_[i].fd >= 0 ? fds_[i].revents : 0;
      ready += to[i].revents != 0;
    }
    return ready;
  }

 private:
  std::vector<pollfd> fds_;
  size_t count_;
};

}  // namespace

Deadline Deadline::after_ms(int ms) {
  return Deadline(ms < 0 ? -1 : ms == 0 ? 0 : now() + int64_t{ms} * 1000000);
}
Deadline Deadline::after(const timespec* delay) {
  if (!delay) return never();
  if (delay->tv_sec == 0 && delay->tv_nsec == 0) return Deadline(0);
  const int64_t seconds = std::min<int64_t>(delay->tv_sec, kSecond);
  return Deadline(now() + seconds * kSecond + delay->tv_nsec);
}
int64_t Deadline::left(int64_t most) const {
  if (at_ <= 0) return at_ < 0 ? most : 0;
  return std::max<int64_t>(0, std::min(most, at_ - now()));
}

bool has_netmap(const pollfd* fds, nfds_t count) {
  for (nfds_t i = 0; i < count; ++i) {
    if (port_file(fds[i].fd)) return true;
    if (EpollSet* set = epoll_set(fds[i].fd); set && !set->empty()) return true;
  }
  return false;
}

int wait_for(pollfd* fds, nfds_t count, const Deadline& deadline, const sigset_t* mask) {
  const int ready = look(fds, count);
  if (count == 1 && !mask && port_file(fds[0].fd)) {
    // One netmap file that is ready, or is only asked, or will be ready soon: what a busy program does all the time.
    if (ready || deadline.immediate()) return ready;
    if (look_on(fds) > 0) return 1;
  }
  std::vector<nfds_t> sets;
  for (nfds_t i = 0; i < count; ++i) {
    if (EpollSet* set = epoll_set(fds[i].fd); set && !set->empty()) sets.push_back(i);
  }
  bool any = ready > 0;
  for (;;) {
    Others others(fds, count);
    std::deque<Sleeper> sleepers;
    std::vector<Sleeper*> awake;
    auto sleep_at = [&](Sleeper& sleeper) {
      others.fds().push_back(pollfd{sleeper.fd(), POLLIN, 0});
      awake.push_back(&sleeper);
    };
    if (!any && !deadline.immediate()) {
      for (nfds_t i = 0; i < count; ++i) {
        PortFile* file = port_file(fds[i].fd);
        if (!file) continue;
        sleepers.emplace_back(file);
        fds[i].revents = sleepers.back().enter(fds[i].events);
        any |= fds[i].revents != 0;
        sleep_at(sleepers.back());
      }
      for (nfds_t i : sets) {
        any |= epoll_set(fds[i].fd)->sleep(&sleepers, sleep_at);
      }
    }
    const int64_t wait = any ? 0 : deadline.left(kLookAgainMs * int64_t{1000000});
    const int n = others.poll(wait, mask, &sleepers);
    const int error = errno;
    for (size_t k = 0; k < awake.size(); ++k) awake[k]->leave(n > 0 && others.fds()[count + k].revents != 0);
    if (!any) look(fds, count);
    // An epoll instance is ready when one of its netmap files is.
    auto& seen = others.fds();
    for (nfds_t i : sets) {
      EpollSet* set = epoll_set(fds[i].fd);
      if (set && (fds[i].events & POLLIN) && set->ready()) seen[i].revents |= POLLIN;
    }
    if (n < 0) {
      for (nfds_t i = 0; i < count; ++i) seen[i].revents = 0;
    }
    const int total = others.answer(fds);
    if (total > 0) return total;
    if (n < 0) {
      errno = error;
      return -1;
    }
    if (deadline.over() || deadline.immediate()) return 0;
    any = false;
  }
}

}  // namespace nm
