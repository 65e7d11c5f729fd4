// Opportunities of 1500 bytes at points in time, as mahimahi's traces have them: a packet leaves with the opportunity
// that carries its last byte. What an opportunity has left goes to the next packet if that one waits already, else it
// is lost.
#pragma once

#include "trace.h"
#include "wire.h"

namespace nm::emulator {

class OpportunityWire final : public Wire {
 public:
  OpportunityWire(std::shared_ptr<const Trace> trace, Time origin) : trace_(std::move(trace)), origin_(origin) {}
  Time free_at(Time now) override;
  Sent send(uint64_t bits, Time extra, Time now, bool waited) override;
  Time busy_until() const override { return until_; }
  Time take_over(const Wire& old, Time now) override;
  uint64_t bandwidth(Time) const override;

 private:
  Time next() const { return origin_ + trace_->time(cursor_); }
  void skip_to(Time now);

  std::shared_ptr<const Trace> trace_;
  Time origin_;
  Trace::Cursor cursor_;
  uint64_t left_ = Trace::kOpportunityBits;  // of the one at the cursor
  Time until_ = -kFarthest;
};

}  // namespace nm::emulator
