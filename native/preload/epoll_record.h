// What an epoll instance has of netmap files, noted where it survives exec: in the kernel's instance itself.
#pragma once

#include <sys/epoll.h>

#include "files.h"

namespace nm {

// Notes a successful epoll_ctl, as an item of the kernel's that never shows anything.
void record_epoll(int epfd, int operation, int fd, const epoll_event* event);
// Makes the set of an inherited descriptor if it is an epoll instance with netmap files, which have been adopted
// already.
void recall_epoll(int fd);

}  // namespace nm
