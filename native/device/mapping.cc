#include "mapping.h"

#include <sys/mman.h>

#include <cerrno>
#include <string>

namespace nm {

namespace {

#ifdef MAP_NORESERVE
constexpr int kNowhere = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
#else
constexpr int kNowhere = MAP_PRIVATE | MAP_ANONYMOUS;
#endif

Status no_space(const char* what, size_t size) {
  const int error = errno;
  std::string detail = what + (" " + std::to_string(size)) + " bytes of address space";
  if (error == ENOMEM) {
    detail +=
        ": the process may not have so much, or has too many mappings; raise its limits (ulimit -v, cgroup, sysctl "
        "vm.max_map_count) or ask for fewer rings and slots";
  }
  return Status::failure(error, "mmap", detail);
}

}  // namespace

Status Mapping::map(int fd, size_t size, std::shared_ptr<Mapping>* out) {
  void* base = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (base == MAP_FAILED) return no_space("mapping", size);
  out->reset(new Mapping(static_cast<uint8_t*>(base), size));
  return {};
}

Status Mapping::anonymous(size_t size, std::shared_ptr<Mapping>* out) {
  void* base = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (base == MAP_FAILED) return Status::failure(errno, "mmap", std::to_string(size) + " bytes of memory");
  out->reset(new Mapping(static_cast<uint8_t*>(base), size));
  return {};
}

Status Mapping::reserve(size_t size, size_t alignment, std::shared_ptr<Mapping>* out) {
  const size_t wide = size + alignment;
  void* const at = mmap(nullptr, wide, PROT_READ | PROT_WRITE, kNowhere, -1, 0);
  if (at == MAP_FAILED) return no_space("reserving", size);
  auto* const begin = static_cast<uint8_t*>(at);
  const size_t before = (alignment - reinterpret_cast<uintptr_t>(begin) % alignment) % alignment;
  if (before > 0) munmap(begin, before);
  munmap(begin + before + size, wide - before - size);
  out->reset(new Mapping(begin + before, size));
  return {};
}

Status Mapping::cover(int fd, size_t offset, size_t size, uint64_t from) {
  if (retired_) return {};
  void* at = mmap(base_ + offset, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, static_cast<off_t>(from));
  if (at == MAP_FAILED) return no_space("mapping", size);
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
