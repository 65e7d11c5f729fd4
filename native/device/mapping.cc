#include "mapping.h"

#include <sys/mman.h>

#include <cerrno>

namespace nm {

namespace {

#ifdef MAP_NORESERVE
constexpr int kNowhere = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
#else
constexpr int kNowhere = MAP_PRIVATE | MAP_ANONYMOUS;
#endif

}  // namespace

Status Mapping::map(int fd, size_t size, std::shared_ptr<Mapping>* out) {
  void* base = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (base == MAP_FAILED) return Status::failure(errno, "mmap", "mapping " + std::to_string(size) + " bytes");
  out->reset(new Mapping(static_cast<uint8_t*>(base), size));
  return {};
}

Status Mapping::reserve(size_t size, std::shared_ptr<Mapping>* out) {
  void* base = mmap(nullptr, size, PROT_READ | PROT_WRITE, kNowhere, -1, 0);
  if (base == MAP_FAILED) return Status::failure(errno, "mmap", "reserving " + std::to_string(size) + " bytes");
  out->reset(new Mapping(static_cast<uint8_t*>(base), size));
  return {};
}

Status Mapping::cover(int fd, size_t offset, size_t size) {
  if (retired_) return {};
  void* at = mmap(base_ + offset, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, static_cast<off_t>(offset));
  if (at == MAP_FAILED) return Status::failure(errno, "mmap", "mapping " + std::to_string(size) + " bytes");
  return {};
}

Mapping::~Mapping() {
  munmap(base_, size_);
}

void Mapping::retire() {
  if (retired_) return;
  retired_ = true;
  // Cannot fail for want of memory in a way that leaves a hole: on failure the old mapping stays, which is safe too.
  (void)mmap(base_, size_, PROT_READ | PROT_WRITE, kNowhere | MAP_FIXED, -1, 0);
}

}  // namespace nm
