// A constant bandwidth. Exact to the bit: with B bit/s, times are kept in units of 1/B ns, so that nothing is lost to
// rounding however many packets pass.
#pragma once

#include "wire.h"

namespace nm::emulator {

// After being idle for a time t the wire lets min(burst, t * B) bits pass at once. (dummynet's manual says MAX, its
// code MIN; MIN is what a token bucket does.) A new wire has been idle for ever. A bandwidth of 0 is unlimited.
class ConstantWire final : public Wire {
 public:
  ConstantWire(uint64_t bandwidth, uint64_t burst_bits) : bandwidth_(bandwidth), burst_bits_(burst_bits) {}
  Time free_at(Time now) override { return at() <= now ? now : at(); }
  Sent send(uint64_t bits, Time extra, Time now, bool waited) override;
  Time busy_until() const override { return at(); }
  unsigned __int128 work_left(Time now) const override {
    return at() > now ? static_cast<unsigned __int128>(end_ - now) * bandwidth_ + part_ : 0;
  }
  void hold(Time until) { end_ = until; }
  Time take_over(const Wire& old, Time now) override;
  uint64_t bandwidth(Time) const override { return bandwidth_; }

 private:
  Time at() const { return end_ + (part_ != 0); }
  void end_idle(Time now);
  void occupy(uint64_t bits);

  const uint64_t bandwidth_;
  const uint64_t burst_bits_;
  // What has been sent ends at end_ + part_ / bandwidth_ ns; before `now` by the credit that is left.
  Time end_ = -kFarthest;
  uint64_t part_ = 0;
  // The last length's time on the wire: most packets are as long as their forerunner.
  uint64_t bits_ = 0;
  uint64_t whole_ = 0;
  uint64_t rest_ = 0;
};

}  // namespace nm::emulator
