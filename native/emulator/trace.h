// A link that changes over time, from a file: mahimahi's packet opportunities, or a table of bandwidth and delay.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "problem.h"
#include "time.h"

namespace nm::emulator {

// mahimahi: one whole number a line, the millisecond at which 1500 bytes may pass; repeated from its last time on.
//
//   # a table: time, bandwidth, and delay if wanted; `-` leaves a value as it was
//   0      10Mbit/s  20ms
//   1.5    2Mbit/s   -
//   30     end            the table starts again at 30 s; without it the last line holds for ever
//
// Times without a unit are seconds. They begin at 0 and grow.
class Trace {
 public:
  struct Step {
    Time at;
    uint64_t bandwidth;  // bit/s; 0 means that nothing passes
    Time delay;          // kNever: the link's own
  };
  enum class Kind { kOpportunities, kTable };
  static constexpr uint64_t kOpportunityBits = 1500 * 8;

  static std::shared_ptr<const Trace> parse(std::string_view text, Problem* problem);

  Kind kind() const { return kind_; }
  Time period() const { return period_; }  // 0: it does not repeat
  const std::vector<Step>& steps() const { return steps_; }
  const std::vector<Time>& opportunities() const { return opportunities_; }

  // A place in the endless sequence of opportunities.
  struct Cursor {
    uint64_t round = 0;
    size_t index = 0;
  };
  Time time(const Cursor& c) const { return static_cast<Time>(c.round) * period_ + opportunities_[c.index]; }
  void advance(Cursor* c) const {
    if (++c->index == opportunities_.size()) *c = {c->round + 1, 0};
  }
  // The first opportunity at or after `t`.
  Cursor find(Time t) const;

  // The step that holds at `t`, and when it ends.
  const Step& step(Time t, Time* until) const;

 private:
  static bool parse_table(std::string_view text, Trace* out, Problem* problem);
  static bool parse_opportunities(std::string_view text, Trace* out, Problem* problem);

  Kind kind_ = Kind::kTable;
  Time period_ = 0;
  std::vector<Step> steps_;
  std::vector<Time> opportunities_;
};

}  // namespace nm::emulator
