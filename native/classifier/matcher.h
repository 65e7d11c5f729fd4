// Runs a ruleset's program on frames. One per thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "classifier.h"
#include "counter.h"
#include "log.h"
#include "program/program.h"

namespace nm::classifier {

class Ruleset;

class Matcher {
 public:
  // `lane`: which of the random sequences of the ruleset's seed `prob` draws from. Matchers of one ruleset that run at
  // the same time should have different ones.
  explicit Matcher(std::shared_ptr<Ruleset> ruleset, uint32_t lane = 0);
  ~Matcher();
  Matcher(const Matcher&) = delete;
  Matcher& operator=(const Matcher&) = delete;

  // `now` in ns from anywhere, never backwards. Passports (one per frame, all zero at first) are needed where frames
  // may come back by resume(); without them each begins empty.
  void classify(const Frame* frames, size_t count, const Path& path, int64_t now, Verdict* verdicts,
                Passport* passports = nullptr);
  // Goes on behind the rule that sent the frame into a pipe or queue.
  Verdict resume(const Frame& frame, const Path& path, int64_t now, Passport& passport);

  // Takes up what has been published, as each call does by itself.
  void adopt();

  Log& log() { return log_; }
  // Frames that were denied because rules sent them round in circles.
  uint64_t loops() const { return loops_; }

 private:
  friend class Ruleset;

  std::shared_ptr<Ruleset> ruleset_;
  std::shared_ptr<const Edition> edition_;
  std::unique_ptr<Counter[]> counters_;  // by position
  uint64_t random_;                      // seed and lane
  uint64_t sequence_ = 0;                // searches so far
  uint64_t loops_ = 0;
  Log log_;
};

}  // namespace nm::classifier
