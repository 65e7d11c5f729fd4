#include "process.h"

#include <poll.h>
#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <mutex>

#include "epoll_record.h"
#include "files.h"
#include "real.h"

namespace nm {

namespace detail {
std::atomic<State> state{kUnknown};
thread_local int inside = 0;
}  // namespace detail

namespace {

constexpr int kInherited = 256;  // descriptors looked at

std::atomic<pid_t> process{0};
std::atomic<bool> inheritance{true};  // not looked for yet

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

// Leaves no memory behind in the engine's folder if this was the last program there.
__attribute__((destructor)) void end() {
  if (!idle() && !in_shared_memory()) close_all_files();
}

}  // namespace

void activate() {
  if (!idle()) return;
  pid_t none = 0;
  if (process.compare_exchange_strong(none, getpid())) {
    pthread_atfork(before_fork, after_fork_here, after_fork_there);
  }
  detail::state.store(detail::kActive);
}

bool in_shared_memory() {
  return process.load(std::memory_order_relaxed) != getpid();
}

void take_inheritance() {
  // What the engine itself has open for a moment is no inheritance.
  if (!inheritance.load(std::memory_order_acquire) || detail::inside) return;
  static std::mutex mutex;
  std::lock_guard<std::mutex> lock(mutex);
  if (!inheritance.load()) return;
  Inside inside;
  const int error = errno;
  pollfd fds[kInherited];
  for (int fd = 0; fd < kInherited; ++fd) fds[fd] = pollfd{fd, 0, 0};
  if (real::poll(fds, kInherited, 0) >= 0) {  // one call tells which are open
    bool any = false;
    for (const pollfd& p : fds) {
      if (!(p.revents & POLLNVAL) && !FdTable::get(p.fd)) any |= adopt(p.fd) != nullptr;
    }
    for (const pollfd& p : fds) {
      if (any && !(p.revents & POLLNVAL) && !FdTable::get(p.fd)) recall_epoll(p.fd);
    }
  }
  detail::State unknown = detail::kUnknown;
  detail::state.compare_exchange_strong(unknown, detail::kIdle);
  inheritance.store(false, std::memory_order_release);
  errno = error;
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
