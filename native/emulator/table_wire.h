// A bandwidth and a delay that change over time, from a table. As exact as a constant one: changes come at whole
// nanoseconds.
#pragma once

#include "trace.h"
#include "wire.h"

namespace nm::emulator {

class TableWire final : public Wire {
 public:
  TableWire(std::shared_ptr<const Trace> trace, Time origin) : trace_(std::move(trace)), origin_(origin) {}
  Time free_at(Time now) override { return busy_until() <= now ? now : busy_until(); }
  Sent send(uint64_t bits, Time extra, Time now, bool waited) override;
  Time busy_until() const override { return end_ + (part_ != 0); }
  Time take_over(const Wire& old, Time) override { return end_ = old.busy_until(); }
  uint64_t bandwidth(Time now) const override;
  Time delay(Time at) const override;

 private:
  const Trace::Step& step(Time at, Time* until) const;

  std::shared_ptr<const Trace> trace_;
  Time origin_;
  Time end_ = -kFarthest;  // of what has been sent
  uint64_t part_ = 0;      // 1/unit_ ns more
  uint64_t unit_ = 1;      // the bandwidth that part_ refers to
};

}  // namespace nm::emulator
