// What each file descriptor of the process is to us.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

namespace nm {

// Behind a descriptor. Objects are never given back to the allocator, only used again: another thread may still hold a
// pointer that it got from the table.
struct Object {
  enum class Kind { kOwn, kPort, kEpoll };
  explicit constexpr Object(Kind k) : kind(k) {}
  const Kind kind;
  uint32_t fds = 0;  // descriptors of this process that lead here; under tables_mutex()
};

// The engine's own descriptors, which the program knows nothing of.
extern Object own;

class FdTable {
 public:
  // Null for descriptors that are none of ours.
  static Object* get(int fd) {
    const uint32_t i = static_cast<uint32_t>(fd);
    if (i >= kBlocks * kBlock) return nullptr;
    auto* block = blocks_[i / kBlock].load(std::memory_order_acquire);
    return block ? block[i % kBlock].load(std::memory_order_acquire) : nullptr;
  }
  // Returns what was there. False memory (none left) shows as a descriptor that is none of ours.
  static Object* set(int fd, Object* object);
  // Descriptors of ours in [first, last], ascending.
  static std::vector<int> within(uint32_t first, uint32_t last);

 private:
  static constexpr uint32_t kBlock = 1024, kBlocks = 1024;
  static std::atomic<std::atomic<Object*>*> blocks_[kBlocks];
};

}  // namespace nm
