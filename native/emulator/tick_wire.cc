#include "tick_wire.h"

#include <algorithm>

namespace nm::emulator {

Sent TickWire::send(uint64_t bits, Time extra, Time now, bool waited) {
  const Time tick = now / tick_ * tick_;
  if (bandwidth_ == 0) return {tick, next_ = std::max(next_, tick) + extra};
  const auto bandwidth = static_cast<Credit>(bandwidth_);
  if (!waited && idle_since_ < tick) {
    const Credit earned = static_cast<Credit>(tick - idle_since_) * bandwidth;
    credit_ = std::min(earned, static_cast<Credit>(burst_bits_) * kSecond) + (gift_ ? bandwidth * tick_ : 0);
  } else {
    credit_ += (tick - last_) * bandwidth;
  }
  last_ = tick;
  credit_ -= static_cast<Credit>(bits) * kSecond + extra * bandwidth;
  if (credit_ >= 0) {
    idle_since_ = tick;
    return {tick, tick};
  }
  const Credit step = bandwidth * tick_;
  next_ = tick + static_cast<Time>((step - 1 - credit_) / step) * tick_;
  idle_since_ = next_;
  return {tick, next_};
}

Time TickWire::take_over(const Wire& old, Time now) {
  last_ = now / tick_ * tick_;
  next_ = idle_since_ = old.busy_until();
  return next_;
}

}  // namespace nm::emulator
