// How much memory an emulator may have, and has: packets and flows share one limit.
#pragma once

#include <cstdint>
#include <utility>

namespace nm::emulator {

class Memory {
 public:
  explicit Memory(uint64_t limit) : limit_(limit) {}
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  // False, and nothing taken, when that would exceed the limit.
  bool take(uint64_t bytes) {
    if (bytes > limit_ || held_ > limit_ - bytes) return false;
    held_ += bytes;
    return true;
  }
  void give(uint64_t bytes) { held_ -= bytes; }

  uint64_t limit() const { return limit_; }
  uint64_t held() const { return held_; }

 private:
  const uint64_t limit_;
  uint64_t held_ = 0;
};

// Memory that was taken for as long as this lives.
class MemoryShare {
 public:
  MemoryShare() = default;
  MemoryShare(Memory* memory, uint64_t bytes) : memory_(memory->take(bytes) ? memory : nullptr), bytes_(bytes) {}
  MemoryShare(MemoryShare&& other) noexcept : memory_(std::exchange(other.memory_, nullptr)), bytes_(other.bytes_) {}
  MemoryShare& operator=(MemoryShare&& other) noexcept {
    std::swap(memory_, other.memory_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~MemoryShare() {
    if (memory_) memory_->give(bytes_);
  }
  explicit operator bool() const { return memory_ != nullptr; }

 private:
  Memory* memory_ = nullptr;  // null: there was not enough
  uint64_t bytes_ = 0;
};

}  // namespace nm::emulator
