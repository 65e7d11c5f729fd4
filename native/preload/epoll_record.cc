#include "epoll_record.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include "epoll_set.h"
#include "real.h"

namespace nm {

namespace {

// Events that are waited for are kept out of the kernel's sight: it looks at the low bits only, and passes all of them
// on in /proc/self/fdinfo.
constexpr uint32_t kShift = 16, kHidden = 0x3ff, kKept = static_cast<uint32_t>(EPOLLET) | EPOLLONESHOT;

uint32_t hidden(uint32_t events) {
  return (events & kHidden) << kShift | (events & kKept);
}
uint32_t shown(uint32_t record) {
  return (record >> kShift & kHidden) | (record & kKept);
}

bool is_epoll(int fd) {
  char link[32], target[64];
  std::snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  const ssize_t length = readlink(link, target, sizeof target);
  constexpr char kName[] = "anon_inode:[eventpoll]";
  return length == static_cast<ssize_t>(sizeof kName) - 1 && std::memcmp(target, kName, sizeof kName - 1) == 0;
}

std::string fdinfo(int fd) {
  char path[40], part[4096];
  std::snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
  std::string text;
  const int info = open(path, O_RDONLY | O_CLOEXEC);
  if (info < 0) return text;
  for (ssize_t n; (n = read(info, part, sizeof part)) > 0;) text.append(part, static_cast<size_t>(n));
  close(info);
  return text;
}

}  // namespace

void record_epoll(int epfd, int operation, int fd, const epoll_event* event) {
  epoll_event record = {};
  if (event) {
    record.events = hidden(event->events);
    record.data = event->data;
  }
  const int error = errno;
  (void)real::epoll_ctl(epfd, operation, fd, &record);
  errno = error;
}

void recall_epoll(int fd) {
  if (!is_epoll(fd)) return;
  const std::string text = fdinfo(fd);
  EpollSet* set = nullptr;
  for (const char* line = text.c_str(); (line = std::strstr(line, "tfd:")); ++line) {
    int target = -1;
    unsigned events = 0;
    unsigned long long data = 0;
    if (std::sscanf(line, "tfd: %d events: %x data: %llx", &target, &events, &data) != 3) continue;
    PortFile* file = port_file(target);
    if (!file) continue;
    if (!set) set = new_epoll_set(fd);
    epoll_event event = {};
    event.events = shown(events);
    event.data.u64 = data;
    (void)set->control(EPOLL_CTL_ADD, file, target, &event);
  }
}

}  // namespace nm
