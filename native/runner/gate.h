// Lets visitors at what a busy thread works on: between two of its rounds, so within microseconds, and while it sleeps.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <thread>

#include "../traffic/clock.h"

namespace nm::runner {

class Gate {
 public:
  // The busy thread's, which holds it all the time but for these.
  void enter() { mutex_.lock(); }
  void leave() { mutex_.unlock(); }
  bool has_visitors() const { return visitors_.load(std::memory_order_relaxed) != 0; }
  // Returns when they are gone.
  void let_visitors_in() {
    mutex_.unlock();
    Patience patience;
    while (has_visitors()) patience.wait();
    while (!mutex_.try_lock()) patience.wait();
  }

  // A visitor's: the thread stands still as long as it lives.
  class Visit {
   public:
    explicit Visit(Gate* gate) : gate_(gate) {
      gate_->visitors_.fetch_add(1);
      Patience patience;
      while (!gate_->mutex_.try_lock()) patience.wait();
      gate_->visitors_.fetch_sub(1);
    }
    ~Visit() { gate_->mutex_.unlock(); }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;

   private:
    Gate* gate_;
  };

 private:
  // Both sides wait for microseconds, and whoever sleeps takes longer than that to wake. But the other one may need
  // this very core, which it doesn't get from a thread of higher priority that only looks.
  class Patience {
   public:
    void wait() {
      if (looks_++ < kLooks) {
        traffic::pause_cpu();
      } else {
        std::this_thread::sleep_for(std::chrono::microseconds(20));
      }
    }

   private:
    static constexpr int kLooks = 4000;
    int looks_ = 0;
  };

  std::mutex mutex_;
  std::atomic<int> visitors_{0};
};

}  // namespace nm::runner
