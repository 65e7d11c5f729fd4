#include "process.h"

#include <poll.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstring>

#include "files.h"
#include "real.h"

namespace nm {

namespace detail {
std::atomic<bool> active{false};
thread_local int inside = 0;
}  // namespace detail

namespace {

constexpr int kInherited = 256;  // descriptors looked at when a program starts

std::atomic<pid_t> process{0};
std::atomic<bool> inheritance{false};

void before_fork() {
  lock_all_files();
}
void after_fork_here() {
  unlock_all_files(false);
}
void after_fork_there() {
  process.store(getpid());
  unlock_all_files(true);
}

// Runs in every program: one system call, and two more for each FIFO.
__attribute__((constructor)) void begin() {
  pollfd fds[kInherited];
  for (int fd = 0; fd < kInherited; ++fd) fds[fd] = pollfd{fd, 0, 0};
  if (real::poll(fds, kInherited, 0) < 0) return;
  for (const pollfd& p : fds) {
    if (p.revents & POLLNVAL || !looks_like_door(p.fd)) continue;
    inheritance.store(true);
    activate();
    return;
  }
}

// Leaves no memory behind in the engine's folder if this was the last program there.
__attribute__((destructor)) void end() {
  if (!idle() && !in_shared_memory()) close_all_files();
}

}  // namespace

void activate() {
  if (detail::active.load()) return;
  pid_t none = 0;
  if (process.compare_exchange_strong(none, getpid())) {
    pthread_atfork(before_fork, after_fork_here, after_fork_there);
  }
  detail::active.store(true);
}

bool in_shared_memory() {
  return process.load(std::memory_order_relaxed) != getpid();
}

void take_inheritance() {
  if (!inheritance.load(std::memory_order_relaxed) || !inheritance.exchange(false)) return;
  for (int fd = 0; fd < kInherited; ++fd) {
    if (looks_like_door(fd)) adopt(fd);
  }
}

bool looks_like_door(int fd) {
  struct stat st;
  if (fstat(fd, &st) != 0 || !S_ISFIFO(st.st_mode)) return false;
  char link[32], path[4096];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) return false;
  path[length] = 0;
  const char* name = std::strrchr(path, '/');
  return name && std::strncmp(name, "/door.", 6) == 0;
}

}  // namespace nm
