#include "door.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace nm {

Status make_door(const std::string& path, int* fd) {
  unlink(path.c_str());  // of a descriptor that is gone
  if (mkfifo(path.c_str(), 0600) != 0) return Status::failure(errno, "mkfifo", path);
  *fd = open_bell(path);
  if (*fd < 0) {
    int err = errno;
    unlink(path.c_str());
    return Status::failure(err, "open",
                           err == EMFILE || err == ENFILE
                               ? path + ": no file descriptors left; close some or raise the limit (ulimit -n)"
                               : path);
  }
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
