#include "mapping.h"

#include <sys/mman.h>

#include <cerrno>

namespace nm {

Status Mapping::map(int fd, size_t size, std::shared_ptr<Mapping>* out) {
  void* base = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (base == MAP_FAILED) return Status::failure(errno, "mmap", "mapping " + std::to_string(size) + " bytes");
  out->reset(new Mapping(static_cast<uint8_t*>(base), size));
  return {};
}

Mapping::~Mapping() {
  munmap(base_, size_);
}

void Mapping::retire() {
  if (retired_) return;
  retired_ = true;
  int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
#ifdef MAP_NORESERVE
  flags |= MAP_NORESERVE;
#endif
  // Cannot fail for want of memory in a way that leaves a hole: on failure the old mapping stays, which is safe too.
  (void)mmap(base_, size_, PROT_READ | PROT_WRITE, flags, -1, 0);
}

}  // namespace nm
