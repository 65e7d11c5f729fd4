// A rule as it was parsed.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "expression.h"

namespace nm::classifier {

constexpr uint32_t kDefaultRule = 65535;
constexpr uint32_t kReservedSet = 31;

// A number, or `tablearg`: the value of the last successful look-up in the same rule.
struct Argument {
  uint32_t number = 0;
  bool tablearg = false;
};

struct Rule {
  enum class Verb : uint8_t {
    kAllow,
    kDeny,
    kCount,
    kPipe,
    kQueue,
    kSkipto,
    kCall,
    kReturn,
    kCheckState,
    kSetDscp,
    kSetMark
  };
  enum class Tag : uint8_t { kNone, kTag, kUntag };
  // keep and limit look the state table up for every packet that comes to the rule; record and set-limit don't.
  enum class State : uint8_t { kNone, kKeep, kRecord, kLimit, kSetLimit };

  uint32_t id = 0;
  uint32_t number = 0;  // 0: not chosen yet
  uint32_t set = 0;
  uint64_t probability = uint64_t{1} << 32;  // in units of 2^-32

  Verb verb = Verb::kAllow;
  Argument argument;
  uint32_t mark_mask = 0xffffffff;
  bool log = false;
  uint32_t log_amount = 0;  // 0: no end
  bool log_amount_given = false;
  std::shared_ptr<std::atomic<uint32_t>> logged;  // frames so far, where there is an end
  Tag tag = Tag::kNone;
  Argument tag_number;
  bool sets_mark = false;  // as a parameter of another action
  Argument mark;

  State state = State::kNone;
  bool defers = false;    // a direct match only makes the state
  std::string flow_name;  // of check-state, keep-state, ...; empty is the default, "any" any
  uint8_t limit_fields = 0;
  Argument limit;

  Expression body;
  std::string text;  // from the action on, words as they were given
  std::string comment;

  bool looks_up_state() const { return verb == Verb::kCheckState || state == State::kKeep || state == State::kLimit; }
  bool installs_state() const { return state != State::kNone; }
};

// Bits of limit_fields.
enum LimitField : uint8_t { kLimitSrcAddr = 1, kLimitSrcPort = 2, kLimitDstAddr = 4, kLimitDstPort = 8 };

using RulePtr = std::shared_ptr<const Rule>;

}  // namespace nm::classifier
