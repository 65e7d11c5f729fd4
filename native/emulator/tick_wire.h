// dummynet's clock, for comparison: time advances in ticks, a link that is served earns credit and may overdraw it by
// one packet. Its errors against the exact formula, between about -2 and +1 ticks, come out as there.
#pragma once

#include "wire.h"

namespace nm::emulator {

class TickWire final : public Wire {
 public:
  // `gift`: io_fast, one tick's worth of credit at the end of an idle time.
  TickWire(uint64_t bandwidth, uint64_t burst_bits, bool gift, Time tick, Time delay)
      : bandwidth_(bandwidth), burst_bits_(burst_bits), gift_(gift), tick_(tick), delay_(delay / tick * tick) {}
  Time free_at(Time now) override { return next_ <= now ? now : next_; }
  Sent send(uint64_t bits, Time extra, Time now, bool waited) override;
  Time busy_until() const override { return next_; }
  Time take_over(const Wire& old, Time now) override;
  uint64_t bandwidth(Time) const override { return bandwidth_; }
  Time delay(Time) const override { return delay_; }

 private:
  using Credit = __int128;  // bits * 10^9

  const uint64_t bandwidth_;
  const uint64_t burst_bits_;
  const bool gift_;
  const Time tick_;
  const Time delay_;
  Credit credit_ = 0;
  Time last_ = 0;           // served at
  Time next_ = -kFarthest;  // to be served at, after it overdrew
  Time idle_since_ = -kFarthest;
};

}  // namespace nm::emulator
