#include "user_memory.h"

#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace nm {

namespace {

using Transfer = ssize_t (*)(pid_t, const iovec*, unsigned long, const iovec*, unsigned long, unsigned long);

// Some containers bar the service even for one's own memory: then addresses are taken to be good.
bool barred(int error) {
  return error == EPERM || error == ENOSYS;
}

bool transfer(Transfer function, void* ours, uint64_t theirs, size_t size, bool* trust) {
  if (size == 0) return true;
  const int error = errno;
  iovec here{ours, size}, there{reinterpret_cast<void*>(theirs), size};
  const ssize_t n = function(getpid(), &here, 1, &there, 1, 0);
  *trust = n < 0 && barred(errno);
  errno = error;
  return n == static_cast<ssize_t>(size);
}

}  // namespace

bool copy_in(void* to, uint64_t from, size_t size) {
  bool trust = false;
  if (transfer(process_vm_readv, to, from, size, &trust)) return true;
  if (trust) std::memcpy(to, reinterpret_cast<const void*>(from), size);
  return trust;
}

bool copy_out(uint64_t to, const void* from, size_t size) {
  bool trust = false;
  if (transfer(process_vm_writev, const_cast<void*>(from), to, size, &trust)) return true;
  if (trust) std::memcpy(reinterpret_cast<void*>(to), from, size);
  return trust;
}

}  // namespace nm
