// Drops one by one, for who wants more than their numbers. Off, it costs a look at a flag for each drop.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "drops.h"
#include "packet.h"

namespace nm::emulator {

struct Drop {
  Time time;
  uint32_t length;
  uint32_t id;
  uint16_t pipe;
  uint16_t queue;  // 0: of the pipe itself
  Cause cause;
  uint8_t port;
};

class DropLog {
 public:
  explicit DropLog(const Time* clock) : clock_(clock) {}

  void turn(bool on) { on_ = on; }
  bool on() const { return on_; }
  void add(uint16_t pipe, uint16_t queue, Cause cause, uint32_t length, uint32_t id, uint8_t port) {
    if (!on_) return;
    if (drops_.size() == kMost) {
      ++missed_;
      return;
    }
    drops_.push_back({*clock_, length, id, pipe, queue, cause, port});
  }

  const std::vector<Drop>& drops() const { return drops_; }
  uint64_t missed() const { return missed_; }  // because nobody took them
  void clear() {
    drops_.clear();
    missed_ = 0;
  }

 private:
  static constexpr size_t kMost = 65536;

  const Time* clock_;
  bool on_ = false;
  uint64_t missed_ = 0;
  std::vector<Drop> drops_;
};

}  // namespace nm::emulator
