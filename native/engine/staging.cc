#include "staging.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>

#include "../device/file_space.h"

namespace nm {

std::unique_ptr<Staging> Staging::make(const std::string& folder, size_t size) {
  static std::atomic<unsigned> made{0};
  const std::string path = folder + "/staging." + std::to_string(getpid()) + "." + std::to_string(++made);
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return nullptr;
  unlink(path.c_str());
  // All of it at once: a full file system shows here.
  void* base = MAP_FAILED;
  if (allocate(fd, 0, size) == 0) {
    base = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  }
  if (base != MAP_FAILED) return std::unique_ptr<Staging>(new Staging(fd, static_cast<uint8_t*>(base), size));
  close(fd);
  return nullptr;
}

Staging::~Staging() {
  munmap(base_, size_);
  close(fd_);
}

const uint8_t* Staging::fetch(size_t at, uint64_t address, size_t size) noexcept {
  if (at > size_ || size > size_ - at) return nullptr;
  const ssize_t n = pwrite(fd_, reinterpret_cast<const void*>(address), size, static_cast<off_t>(at));
  return n == static_cast<ssize_t>(size) ? base_ + at : nullptr;
}

}  // namespace nm
