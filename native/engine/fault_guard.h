// Memory of the program that may be gone when it is used: a fault there becomes an error instead of the end.
#pragma once

#include <setjmp.h>
#include <signal.h>

#include <atomic>

namespace nm {

// Reads and writes of a few words that must be as cheap as any other, and therefore cannot go through a system call as
// copy_in() does.
class FaultGuard {
 public:
  // Takes SIGSEGV and SIGBUS for the process, the first time it is called. Faults outside of guard() go where they went
  // before. Without it guard() guards nothing.
  static void install();

  // Runs `access`, which must hold nothing that needs giving back. False when it met memory that is not there.
  template <typename Access>
  static bool guard(Access&& access) noexcept {
    sigjmp_buf here;
    if (sigsetjmp(here, 0) != 0) return false;
    landing = &here;
    std::atomic_signal_fence(std::memory_order_seq_cst);
    access();
    std::atomic_signal_fence(std::memory_order_seq_cst);
    landing = nullptr;
    return true;
  }

 private:
  static void handle(int signal, siginfo_t* info, void* context);
  static thread_local sigjmp_buf* landing;
};

}  // namespace nm
