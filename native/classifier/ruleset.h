// Rules, tables, sets and settings, changed by text commands; compiled and published as a whole.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "counter.h"
#include "model.h"
#include "numbered_names.h"
#include "problem.h"
#include "program/program.h"
#include "search/states.h"

namespace nm::classifier {

class Change;
class Matcher;

struct RulesetOptions {
  bool allow_by_default = true;  // what rule 65535 does
  uint64_t seed = 1;             // of `prob`
  uint32_t max_states = 16384;
  uint32_t log_entries = 1024;  // of each Matcher's log
  uint32_t log_snaplen = 128;   // bytes of a frame that the log keeps
};

// Counters of a rule, over all Matchers.
struct RuleCounters {
  uint64_t packets = 0;
  uint64_t bytes = 0;
  int64_t last = 0;  // when it matched last; 0: never
};

class Ruleset : public std::enable_shared_from_this<Ruleset> {
 public:
  static std::shared_ptr<Ruleset> create(const RulesetOptions& options);
  ~Ruleset();

  const RulesetOptions& options() const { return options_; }

  // The number of a port's name, the same every time; 0 for an empty name.
  uint16_t port(std::string_view name);
  const NumberedNames& ports() const { return ports_; }

  // Commands, one a line; all of them or none. What they print (`show`, `list`, ...) is appended to `output`.
  bool apply(std::string_view commands, Problem& problem, std::string* output = nullptr);
  // Whether they could be applied.
  bool check(std::string_view commands, Problem& problem);
  // The same in steps.
  std::unique_ptr<Change> change();
  // Whether a command is the classifier's: not pipe, queue, sched and the like.
  static bool owns(std::string_view line);

  uint64_t version() const { return version_.load(std::memory_order_acquire); }
  std::shared_ptr<const Program> program() const { return edition()->program; }
  std::shared_ptr<const Edition> edition() const;
  // Every rule's, the default rule's last.
  std::vector<std::pair<RulePtr, RuleCounters>> report() const;
  std::shared_ptr<const Model> model() const;
  States& states() { return states_; }

  // For Change.
  NumberedNames& names_of_ports() { return ports_; }
  // Null when it would be too long.
  std::shared_ptr<Program> compile_model(const Model& model, std::string& why);
  // Takes no time, nor do the Matchers when they take it up. Fails when the model is no longer `base`.
  // Null for a program that stays as it is.
  bool publish(const std::shared_ptr<const Model>& base, std::shared_ptr<const Model> model,
               std::shared_ptr<Program> program, std::string& why);
  // Adds up and lets go of what Matchers have left behind. Takes time where there were many rules.
  void settle();
  void zero(const std::vector<uint32_t>& rules);
  Edit next_edit() { return next_edit_.fetch_add(1, std::memory_order_relaxed); }
  uint32_t next_id() { return next_id_.fetch_add(1, std::memory_order_relaxed); }
  const RulePtr& default_rule() const { return default_rule_; }

 private:
  friend class Matcher;

  explicit Ruleset(const RulesetOptions& options);
  size_t matcher_count() const;
  void join(Matcher* matcher);
  void update(Matcher* matcher);
  void leave(Matcher* matcher);
  using Totals = std::unordered_map<uint32_t, RuleCounters>;
  using Counters = std::unique_ptr<Counter[]>;  // by position
  // An edition that a Matcher has gone on from, and what it had counted, where it has another program now.
  struct Left {
    std::shared_ptr<const Edition> edition;
    Counters counters;
  };
  void put_in_force(std::shared_ptr<const Model> model, std::shared_ptr<Program> program);
  static void collect(const Program& program, const Counter* counters, Totals& into);
  Totals totals() const;
  RuleCounters since_zero(uint32_t rule, const Totals& all) const;

  const RulesetOptions options_;
  NumberedNames ports_{true};
  NumberedNames flows_;
  States states_;
  RulePtr default_rule_;
  std::atomic<uint32_t> next_id_{1};
  std::atomic<Edit> next_edit_{1};
  std::atomic<uint64_t> version_{0};

  mutable std::mutex mutex_;  // what follows
  std::shared_ptr<const Model> model_;
  std::shared_ptr<const Edition> edition_;
  std::vector<Matcher*> matchers_;
  std::vector<Counters> fresh_;  // for the program; for Matchers that have not taken it up yet
  std::vector<Left> left_;
  Totals past_;    // of what was left behind and is settled
  Totals zeroed_;  // as they were when they began anew
};

}  // namespace nm::classifier
