// User memory that NS_INDIRECT slots may point into. Slots lie in memory that others can write; without this list a
// peer could make us send out any of our memory.
#pragma once

#include <cstdint>
#include <vector>

namespace nm {

class IndirectRanges {
 public:
  void allow(const void* base, uint64_t size) { ranges_.push_back({reinterpret_cast<uintptr_t>(base), size}); }
  // The kernel's way: any memory of the process, and an address that cannot be read costs its frame. For programs that
  // were written for it; then data must be fetched with care (Staging).
  void allow_anything() { anything_ = true; }
  bool anything() const { return anything_; }
  bool allows(uint64_t address, uint64_t size) const {
    for (const Range& r : ranges_) {
      if (address >= r.base && size <= r.size && address - r.base <= r.size - size) return true;
    }
    return false;
  }

 private:
  struct Range {
    uint64_t base, size;
  };
  std::vector<Range> ranges_;
  bool anything_ = false;
};

}  // namespace nm
