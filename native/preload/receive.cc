// recvmsg and recvmmsg: descriptors that come over Unix sockets.
#include <cstring>

#include "files.h"
#include "interpose.h"
#include "process.h"
#include "real.h"

namespace nm {

namespace {

void look_for_doors(msghdr* message) {
  if (!message || message->msg_controllen < sizeof(cmsghdr)) return;
  for (cmsghdr* c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    for (size_t at = 0; CMSG_LEN(at + sizeof(int)) <= c->cmsg_len; at += sizeof(int)) {
      int fd;
      std::memcpy(&fd, CMSG_DATA(c) + at, sizeof fd);
      if (!idle() && FdTable::get(fd)) drop_fd(fd);  // closed behind our back
      adopt(fd);
    }
  }
}

}  // namespace

INTERPOSE(ssize_t, recvmsg, (int socket, msghdr* message, int flags)) {
  const ssize_t n = real::recvmsg(socket, message, flags);
  if (n >= 0) look_for_doors(message);
  return n;
}

INTERPOSE(int, recvmmsg, (int socket, mmsghdr* messages, unsigned count, int flags, timespec* timeout)) {
  const int n = real::recvmmsg(socket, messages, count, flags, timeout);
  for (int k = 0; k < n; ++k) look_for_doors(&messages[k].msg_hdr);
  return n;
}

}  // namespace nm
