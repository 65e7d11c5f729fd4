// Lets visitors at what a busy thread works on: between two of its rounds, so within microseconds, and while it sleeps.
#pragma once

#include <sched.h>

#include <atomic>
#include <mutex>

namespace nm::runner {

class Gate {
 public:
  // The busy thread's, which holds it all the time but for these.
  void enter() { mutex_.lock(); }
  void leave() { mutex_.unlock(); }
  void between_rounds() {
    if (visitors_.load(std::memory_order_relaxed) == 0) return;
    mutex_.unlock();
    while (visitors_.load(std::memory_order_relaxed) != 0) (void)sched_yield();
    mutex_.lock();
  }

  // A visitor's: the thread stands still as long as it lives.
  class Visit {
   public:
    explicit Visit(Gate* gate) : gate_(gate) {
      gate_->visitors_.fetch_add(1);
      gate_->mutex_.lock();
      gate_->visitors_.fetch_sub(1);
    }
    ~Visit() { gate_->mutex_.unlock(); }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;

   private:
    Gate* gate_;
  };

 private:
  std::mutex mutex_;
  std::atomic<int> visitors_{0};
};

}  // namespace nm::runner
