// A netmap region in this process's address space.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "status.h"

namespace nm {

// The address range outlives the memory behind it: views in JavaScript may survive the port (ArrayBuffer.transfer moves
// our pointer to a buffer that we cannot detach), so retire() puts private zero pages in place of the region and only
// the destructor gives the range back. Share it by shared_ptr: the device holds one reference, each ArrayBuffer
// another.
class Mapping {
 public:
  // Maps `size` bytes of `fd`, readable and writable, shared.
  static Status map(int fd, size_t size, std::shared_ptr<Mapping>* out);
  // Memory without a file, zeros at first, that fork does not divide.
  static Status anonymous(size_t size, std::shared_ptr<Mapping>* out);
  // Takes an address range with nothing behind it yet: private memory that reads as zeros. See cover(). It begins at a
  // multiple of `alignment`, a power of two.
  static Status reserve(size_t size, size_t alignment, std::shared_ptr<Mapping>* out);
  ~Mapping();
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  uint8_t* base() const { return base_; }
  size_t size() const { return size_; }
  // Puts [from, from + size) of `fd` at `offset` of the range; whole pages.
  Status cover(int fd, size_t offset, size_t size, uint64_t from);
  // Lets go of the region. Memory keeps reading (as zeros) and writing (to nowhere). Called twice, does nothing.
  void retire();

 private:
  Mapping(uint8_t* base, size_t size) : base_(base), size_(size) {}
  uint8_t* base_;
  size_t size_;
  bool retired_ = false;
};

}  // namespace nm
