#include "door.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include <cstdio>
#include <cstring>
#include "folder.h"

namespace nm {

Status make_door(const std::string& path, int* fd) {
  unlink(path.c_str());  // of a descriptor that is gone
  if (mkfifo(path.c_str(), 0600) != 0) return Status::failure(errno, "mkfifo", path);
  *fd = open_bell(path);
  if (*fd < 0) {
    Status s = open_failure(path);
    unlink(path.c_str());
    return s;
  }
  admit(*fd, path.substr(0, path.rfind('/')));
  if (flock(*fd, LOCK_EX | LOCK_NB) != 0) {
    int err = errno;
    close(*fd);
    unlink(path.c_str());
    return Status::failure(err, "flock", path);
  }
  return {};
}

bool door_alive(const std::string& path) {
  int fd = open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
  // Without a descriptor to look with, the owner is taken to live: better a late cleanup than a port lost.
  if (fd < 0) return errno != ENOENT;
  bool locked = flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  close(fd);
  return locked;
}

bool door_index(int fd, const std::string& folder, uint32_t* index) {
  struct stat here, there;
  if (fstat(fd, &here) != 0 || !S_ISFIFO(here.st_mode)) return false;
  char path[4096];
  const ssize_t length = readlink(("/proc/self/fd/" + std::to_string(fd)).c_str(), path, sizeof path - 1);
  if (length <= 0) return false;
  path[length] = 0;
  // The folder may have another name in there (a link on the way to it): what counts is the file.
  const char* name = std::strrchr(path, '/');
  unsigned number;
  int end = 0;
  if (!name || std::sscanf(name, "/door.%9u%n", &number, &end) != 1 || name[end] != 0) return false;
  if (lstat((folder + name).c_str(), &there) != 0) return false;
  *index = number;
  return here.st_dev == there.st_dev && here.st_ino == there.st_ino;
}

// Both ends open, so that a write never finds the reader gone.
int open_bell(const std::string& path) {
  int fd = open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) return fd;
  struct stat st;
  if (fstat(fd, &st) != 0 || !S_ISFIFO(st.st_mode)) {
    close(fd);
    errno = EPROTO;
    return -1;
  }
  return fd;
}

void ring_bell(int fd) {
  char one = 1;
  // A full FIFO (EAGAIN) is readable already.
  while (write(fd, &one, 1) < 0 && errno == EINTR) {
  }
}

void quiet_door(int fd) {
  char sink[256];
  while (read(fd, sink, sizeof sink) == static_cast<ssize_t>(sizeof sink)) {
  }
}

}  // namespace nm
