#include "constant_wire.h"

#include <algorithm>

namespace nm::emulator {

using Wide = unsigned __int128;

Sent ConstantWire::send(uint64_t bits, Time extra, Time now, bool waited) {
  if (!waited && at() <= now) end_idle(now);
  end_ += extra;
  const Time first = at();
  if (bandwidth_) occupy(bits);
  return {std::max(first, now), std::max(at(), now)};
}

void ConstantWire::end_idle(Time now) {
  if (burst_bits_ == 0 || bandwidth_ == 0) {
    end_ = now;
    part_ = 0;
    return;
  }
  // Bits are counted in billionths: B of them pass in a nanosecond.
  const Wide earned = static_cast<Wide>(now - end_) * bandwidth_ - part_;
  const Wide credit = std::min(earned, static_cast<Wide>(burst_bits_) * kSecond);
  const Wide whole = (credit + bandwidth_ - 1) / bandwidth_;
  end_ = now - static_cast<Time>(whole);
  part_ = static_cast<uint64_t>(whole * bandwidth_ - credit);
}

void ConstantWire::occupy(uint64_t bits) {
  if (bits != bits_) {
    bits_ = bits;
    whole_ = bits * kSecond / bandwidth_;
    rest_ = bits * kSecond % bandwidth_;
  }
  end_ += static_cast<Time>(whole_);
  part_ += rest_;
  if (part_ >= bandwidth_) {
    part_ -= bandwidth_;
    ++end_;
  }
}

// The rest of the packet that is on the old wire goes on at the new bandwidth.
Time ConstantWire::take_over(const Wire& old, Time now) {
  const Time until = old.busy_until();
  const uint64_t before = old.bandwidth(now);
  end_ = until;
  part_ = 0;
  if (until <= now || before == 0) return until;
  if (bandwidth_ == 0) {
    end_ = now;
    return end_;
  }
  const Wide left = old.work_left(now);
  const Wide whole = left / bandwidth_;
  end_ = whole > static_cast<Wide>(kFarthest) ? kFarthest : now + static_cast<Time>(whole);
  part_ = static_cast<uint64_t>(left % bandwidth_);
  return at();
}

}  // namespace nm::emulator
