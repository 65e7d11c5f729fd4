#include "opportunity_wire.h"

#include <algorithm>

namespace nm::emulator {

// Those before `now` are lost: nobody was there to take them.
void OpportunityWire::skip_to(Time now) {
  if (next() >= now) return;
  cursor_ = trace_->find(std::max<Time>(now - origin_, 0));
  left_ = Trace::kOpportunityBits;
}

Time OpportunityWire::free_at(Time now) {
  if (until_ > now) return until_;
  skip_to(now);
  return std::max(next(), now);
}

Sent OpportunityWire::send(uint64_t bits, Time extra, Time now, bool) {
  skip_to(now + extra);
  const Time first = std::max(next(), now);
  while (bits > left_) {
    bits -= left_;
    trace_->advance(&cursor_);
    left_ = Trace::kOpportunityBits;
  }
  left_ -= bits;
  until_ = next();
  if (left_ == 0) {
    trace_->advance(&cursor_);
    left_ = Trace::kOpportunityBits;
  }
  return {first, std::max(until_, now)};
}

Time OpportunityWire::take_over(const Wire& old, Time) {
  until_ = old.busy_until();
  skip_to(until_);
  return until_;
}

uint64_t OpportunityWire::bandwidth(Time) const {
  const auto count = static_cast<unsigned __int128>(trace_->opportunities().size());
  return static_cast<uint64_t>(count * Trace::kOpportunityBits * kSecond / static_cast<uint64_t>(trace_->period()));
}

}  // namespace nm::emulator
