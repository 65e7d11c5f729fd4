#include "table_wire.h"

#include <algorithm>

namespace nm::emulator {

using Wide = unsigned __int128;

const Trace::Step& TableWire::step(Time at, Time* until) const {
  const Time since = at - origin_;
  const Trace::Step& found = trace_->step(since > 0 ? since : 0, until);
  *until = *until == kNever ? kFarthest : *until + origin_;
  return found;
}

Sent TableWire::send(uint64_t bits, Time extra, Time now, bool waited) {
  if (!waited && busy_until() <= now) {
    end_ = now;
    part_ = 0;
  }
  end_ += extra;
  const Time first = busy_until();
  Wide left = static_cast<Wide>(bits) * kSecond;
  while (left > 0 && end_ < kFarthest) {
    Time until;
    const uint64_t bandwidth = step(end_, &until).bandwidth;
    if (bandwidth == 0) {
      end_ = until;
      part_ = 0;
      continue;
    }
    if (unit_ != bandwidth) {
      part_ = static_cast<uint64_t>(static_cast<Wide>(part_) * bandwidth / unit_);
      unit_ = bandwidth;
    }
    const Wide room = static_cast<Wide>(until - end_) * bandwidth - part_;
    if (left > room) {
      left -= room;
      end_ = until;
      part_ = 0;
      continue;
    }
    const Wide all = left + part_;
    end_ += static_cast<Time>(all / bandwidth);
    part_ = static_cast<uint64_t>(all % bandwidth);
    left = 0;
  }
  return {std::max(first, now), std::max(busy_until(), now)};
}

uint64_t TableWire::bandwidth(Time now) const {
  Time until;
  return step(now, &until).bandwidth;
}

Time TableWire::delay(Time at) const {
  Time until;
  return step(at, &until).delay;
}

}  // namespace nm::emulator
