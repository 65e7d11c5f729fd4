#include "robust_lock.h"

#include <linux/futex.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "../base/clock.h"
#include "fault.h"

namespace nm {

namespace {

struct ThreadList {
  robust_list_head* head = nullptr;
  robust_list_head own;  // used where the C library registered none
  uint32_t tid = 0;
};

thread_local ThreadList thread_list;

// After fork the child's only thread has another id and (until the C library says otherwise) no list.
void forget_thread() {
  thread_list.head = nullptr;
}

ThreadList& this_thread() {
  ThreadList& t = thread_list;
  if (t.head) return t;
  static const int registered = pthread_atfork(nullptr, nullptr, forget_thread);
  (void)registered;
  t.tid = static_cast<uint32_t>(syscall(SYS_gettid));
  size_t length = 0;
  robust_list_head* head = nullptr;
  if (syscall(SYS_get_robust_list, 0, &head, &length) != 0 || !head) {
    t.own.list.next = &t.own.list;
    t.own.futex_offset = -32;
    t.own.list_op_pending = nullptr;
    syscall(SYS_set_robust_list, &t.own, sizeof t.own);
    head = &t.own;
  }
  t.head = head;
  return t;
}

void futex_wait(std::atomic<uint32_t>* word, uint32_t expected, int64_t ms) {
  timespec ts{static_cast<time_t>(ms / 1000), static_cast<long>(ms % 1000) * 1000000};
  syscall(SYS_futex, word, FUTEX_WAIT, expected, &ts, nullptr, 0);
}

void cpu_pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

constexpr int kSpins = 200;  // about the length of a short critical section

}  // namespace

bool RobustLock::held() const noexcept {
  return (word_.load(std::memory_order_acquire) & FUTEX_TID_MASK) != 0;
}

RobustLock::Hold::Hold(RobustLock& lock, int timeout_ms) noexcept : word_(&lock.word_), result_(Result::kTimeout) {
  ThreadList& t = this_thread();
  robust_list_head* head = t.head;
  head_ = head;
  entry_ = reinterpret_cast<uint8_t*>(word_) - head->futex_offset;
  previous_ = head->list.next;
  // From here on the kernel would see us die between taking the word and putting it on the list.
  auto* pending = reinterpret_cast<robust_list*>(entry_);
  *const_cast<robust_list* volatile*>(&head->list_op_pending) = pending;
  std::atomic_signal_fence(std::memory_order_seq_cst);
  NM_FAULT(kLockAnnounced);

  uint32_t mine = t.tid;
  int64_t deadline = 0;
  for (int spin = 0;; ++spin) {
    uint32_t seen = word_->load(std::memory_order_relaxed);
    if ((seen & FUTEX_TID_MASK) == 0) {  // free, or its holder died
      uint32_t keep = seen & FUTEX_WAITERS;
      if (word_->compare_exchange_strong(seen, mine | keep, std::memory_order_acquire)) {
        result_ = (seen & FUTEX_OWNER_DIED) ? Result::kInherited : Result::kAcquired;
        break;
      }
      continue;
    }
    if (timeout_ms == 0) break;
    if (spin < kSpins) {
      cpu_pause();
      continue;
    }
    int64_t now = now_ms();
    if (deadline == 0) deadline = now + timeout_ms;
    if (now >= deadline) break;
    if (!(seen & FUTEX_WAITERS) &&
        !word_->compare_exchange_strong(seen, seen | FUTEX_WAITERS, std::memory_order_relaxed)) {
      continue;
    }
    futex_wait(word_, seen | FUTEX_WAITERS, deadline - now);
    mine = t.tid | FUTEX_WAITERS;  // others may sleep too: whoever has slept must wake the next
  }

  if (held()) {
    NM_FAULT(kLockTaken);
    std::memcpy(entry_, &previous_, sizeof previous_);  // written for the kernel, never read back by us
    std::atomic_signal_fence(std::memory_order_seq_cst);
    *const_cast<robust_list* volatile*>(&head->list.next) = pending;
    NM_FAULT(kLockListed);
  }
  std::atomic_signal_fence(std::memory_order_seq_cst);
  *const_cast<robust_list* volatile*>(&head->list_op_pending) = nullptr;
  NM_FAULT(kLockFull);
}

RobustLock::Hold::~Hold() noexcept {
  if (!held()) return;
  auto* head = static_cast<robust_list_head*>(head_);
  *const_cast<robust_list* volatile*>(&head->list_op_pending) = reinterpret_cast<robust_list*>(entry_);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  *const_cast<robust_list* volatile*>(&head->list.next) = static_cast<robust_list*>(previous_);
  NM_FAULT(kUnlocking);
  uint32_t old = word_->exchange(0, std::memory_order_release);
  if (old & FUTEX_WAITERS) syscall(SYS_futex, word_, FUTEX_WAKE, 1, nullptr, nullptr, 0);
  NM_FAULT(kUnlocked);
  std::atomic_signal_fence(std::memory_order_seq_cst);
  *const_cast<robust_list* volatile*>(&head->list_op_pending) = nullptr;
}

}  // namespace nm
