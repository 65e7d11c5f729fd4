// Memory of our own to which data is fetched from addresses that may be wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace nm {

class Staging {
 public:
  // Null when there is no memory for it. Makes and removes a file in `folder`.
  static std::unique_ptr<Staging> make(const std::string& folder, size_t size);
  ~Staging();
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  // Copies to offset `at`; null when not all of the source can be read. One system call: the kernel reads the source,
  // and tells of a bad address where we would fault.
  const uint8_t* fetch(size_t at, uint64_t address, size_t size) noexcept;

 private:
  Staging(int fd, uint8_t* base, size_t size) : fd_(fd), base_(base), size_(size) {}
  int fd_;
  uint8_t* base_;
  size_t size_;
};

}  // namespace nm
