// The way of one frame through the rules.
#pragma once

#include <cstdint>

#include "../classifier.h"
#include "../counter.h"
#include "../log.h"
#include "../packet/packet.h"
#include "../program/program.h"
#include "states.h"

namespace nm::classifier {

// What all searches of a batch share.
struct SearchPlace {
  const Edition& edition;
  const Program& program;  // the edition's
  Counter* counters;       // by position
  Log& log;
  States& states;
  uint64_t random;  // seed and lane, mixed
  uint64_t& loops;
};

class Search {
 public:
  // `sequence`: of the search among those of its thread; what `prob` draws depends on it. The verdict is written where
  // it belongs, field by field: to copy it at once would have to wait for all of these.
  Search(const SearchPlace& place, Packet& packet, Passport& passport, int64_t now, uint64_t sequence, Verdict& verdict)
      : place_(place), packet_(packet), passport_(passport), now_(now), sequence_(sequence), verdict_(verdict) {
    verdict = Verdict();
  }

  // From the rule at `position` on.
  void run(uint32_t position);

 private:
  enum class Outcome : uint8_t { kNext, kAct, kDone };

  // Whether the rule at `position` matches, and what that has done to `position`.
  Outcome meet(const Step& step, uint32_t& position);
  Outcome meet_special(const Step& step, uint32_t& position);
  bool look_up(const Step& step, uint32_t& position);
  bool install(const Step& step);
  // Does what the rule at `position` says and moves on; true when the search is over.
  bool act(uint32_t& position);
  void note(const Step& step);
  void write_log(const Step& step);
  void jump(const Step& step, uint32_t& position);
  bool finish(Action action, const Step& step);
  bool send_away(Action action, const Step& step, uint32_t position);
  bool drawn(const Step& step) const;
  uint32_t argument(const Step& step, Column column) const;

  static const Row kNoRow;

  const SearchPlace& place_;
  Packet& packet_;
  Passport& passport_;
  const int64_t now_;
  const uint64_t sequence_;
  Verdict& verdict_;
  const Row* row_ = &kNoRow;
  uint64_t names_ = 0;  // flow names whose state has been looked for
};

}  // namespace nm::classifier
