#include "fault_guard.h"

#include <mutex>

namespace nm {

thread_local sigjmp_buf* FaultGuard::landing = nullptr;

namespace {

struct sigaction before_segv, before_bus;

}  // namespace

void FaultGuard::install() {
  static std::once_flag once;
  std::call_once(once, [] {
    struct sigaction action{};
    action.sa_sigaction = handle;
    sigemptyset(&action.sa_mask);
    // Not blocked meanwhile, because the jump out of the handler would leave it so.
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
    sigaction(SIGSEGV, &action, &before_segv);
    sigaction(SIGBUS, &action, &before_bus);
  });
}

void FaultGuard::handle(int signal, siginfo_t* info, void* context) {
  if (sigjmp_buf* to = landing) {
    landing = nullptr;
    siglongjmp(*to, 1);
  }
  const struct sigaction& before = signal == SIGBUS ? before_bus : before_segv;
  if (before.sa_flags & SA_SIGINFO) {
    before.sa_sigaction(signal, info, context);
  } else if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN) {
    before.sa_handler(signal);
  } else {
    // As if we had never been here: the fault happens again, and this time it is the end.
    sigaction(signal, &before, nullptr);
  }
}

}  // namespace nm
