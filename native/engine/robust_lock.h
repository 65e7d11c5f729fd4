// A lock in shared memory whose holder may be killed at any moment, and whose neighbours may not be trusted.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace nm {

// Why not a robust pthread mutex: glibc keeps list pointers inside the mutex, in shared memory, and follows them on
// unlock; a peer that scribbles over them would make us write anywhere. This lock uses the same kernel service
// (set_robust_list: the kernel marks the word when its holder's thread ends) but never reads a pointer back from shared
// memory. Locks nest at most like brackets, which Hold enforces by its scope.
class alignas(64) RobustLock {
 public:
  enum class Result {
    kAcquired,
    kInherited,  // acquired; the last holder died inside, so what it guards may be half done
    kTimeout,
  };

  class Hold;

  // Whether a living thread holds it, at this moment.
  bool held() const noexcept;

 private:
  // The kernel finds the word at a fixed distance from the list entry; the C library chose it (-32 or -28).
  std::atomic<uint32_t> word_;
  uint8_t entry_[60];
};
static_assert(sizeof(RobustLock) == 64);

// Takes a lock for as long as it lives. timeout_ms = 0 tries once.
class RobustLock::Hold {
 public:
  Hold(RobustLock& lock, int timeout_ms) noexcept;
  ~Hold() noexcept;
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;

  bool held() const { return result_ != Result::kTimeout; }
  Result result() const { return result_; }

 private:
  std::atomic<uint32_t>* word_;
  void* head_;      // this thread's robust list
  void* entry_;     // where our entry is
  void* previous_;  // what the list began with before us: kept here, not in shared memory
  Result result_;
};

}  // namespace nm
