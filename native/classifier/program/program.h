// The compact form of a ruleset: immutable, shared by all threads that match.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "../model.h"
#include "../rule.h"
#include "../table/interval_map.h"
#include "../table/table.h"
#include "field_index.h"

namespace nm::classifier {

// One test of a rule, and where to go on either outcome.
struct Op {
  enum Code : uint8_t {
    kRange,
    kDerived,
    kAddress6,  // argument: index into wides
    kMac,       // the same
    kSet,       // (words[what] & mask) is in sets[argument]
    kSet6,      // address `what` is in sets6[argument]
    kTable,     // tables[argument]
    kOwn,       // the same, and the row is nobody's business
    kPorts,     // port `what` is in port_sets[argument]
    kTagged,
    kMarkArg,
  };
  static constexpr uint16_t kMatch = 0xffff;
  static constexpr uint16_t kFail = 0xfffe;

  Code code = kRange;
  uint8_t what = 0;
  bool flag = false;  // kTable: compare the value; kTagged: with the value looked up
  uint8_t column = 0;
  uint16_t yes = kMatch;  // index among the rule's ops
  uint16_t no = kFail;
  uint32_t need = 0;
  uint32_t mask = 0;
  uint32_t low = 0;
  uint32_t span = 0;
  uint32_t argument = 0;
};

// What must hold for a rule to be worth looking at: ((words[word] & mask) - low) <= span.
struct Guard {
  static constexpr uint32_t kMostRules = 1u << 28;

  uint32_t mask = 0;
  uint32_t low = 0;
  uint32_t span = 0;
  uint32_t word_and_position = 0;

  uint32_t word() const { return word_and_position >> 28; }
  uint32_t position() const { return word_and_position & (kMostRules - 1); }
};

// A rule as it is run.
struct Step {
  enum Flag : uint16_t {
    kPlain = 0,
    kProbability = 1,
    kLookup = 2,     // state is looked up first
    kCheckOnly = 4,  // and that is all
    kInstall = 8,
    kDefer = 16,
    kLog = 32,
    kTag = 64,
    kUntag = 128,
    kMark = 256,
  };

  uint32_t first_op = 0;
  uint16_t entry = Op::kMatch;
  uint16_t flags = kPlain;
  Rule::Verb verb = Rule::Verb::kAllow;
  bool tablearg = false;
  uint16_t number = 0;
  uint16_t flow_name = 0;
  uint32_t argument = 0;
  uint32_t target = 0;  // of skipto and call: a position
  uint32_t id = 0;
  uint64_t probability = 0;
  const Rule* rule = nullptr;

  // Once its guard has let the frame pass. Most rules that don't end the search are so.
  bool only_counts() const { return flags == kPlain && entry == Op::kMatch && verb == Rule::Verb::kCount; }
};

// A word of packets that is looked up in what may not be in the cache.
struct Fetch {
  Word word;
  bool in_table;
  uint32_t number;  // of the table, or of the index

  friend bool operator==(const Fetch& x, const Fetch& y) {
    return x.word == y.word && x.in_table == y.in_table && x.number == y.number;
  }
};

struct Program {
  // Names of flows that check-state and keep-state may tell apart: 0 is the default.
  static constexpr uint16_t kAnyFlow = 0xffff;
  static constexpr size_t kMostFlowNames = 64;

  uint64_t version = 0;
  Settings settings;
  bool keeps_state = false;
  bool has_patterns = false;  // of port names; they have been compared to the ports up to number `ports_seen`
  uint32_t ports_seen = 0;

  std::vector<RulePtr> rules;
  std::vector<Step> steps;  // in the order of the rules; the default rule is the last
  std::vector<Op> ops;
  std::vector<Guard> guards;          // of the rules that are in no index
  std::vector<uint32_t> guards_from;  // by position: the first guard at or after it
  std::vector<FieldIndex> indexes;
  std::vector<std::string> tables;  // names of those that ops mean by their index
  std::vector<Fetch> fetches;
  std::vector<std::pair<U128, U128>> wides;  // value, mask
  std::vector<Map32> sets;
  std::vector<Map128> sets6;
  std::vector<std::vector<uint64_t>> port_sets;  // bits by port number
  std::vector<std::string> flow_names;
  std::vector<uint32_t> name_ids;                    // the same, as the ruleset numbers them for all its programs
  std::unordered_map<uint32_t, uint32_t> positions;  // by rule id

  // Of the first rule with at least this number.
  uint32_t position_of(uint32_t number) const;
  // Of the first rule behind one that may be gone.
  uint32_t position_after(uint32_t number, uint32_t id) const;
  size_t bytes() const;
};

// A program and what its tables hold: what has been published last. Most changes of tables leave the program alone.
struct Edition {
  uint64_t version = 0;
  std::shared_ptr<const Program> program;
  std::vector<std::shared_ptr<const Table>> tables;  // in the program's order

  size_t bytes() const;
};

// Compiles what has been checked already; fails only on what is too much.
std::shared_ptr<Program> compile(const Model& model, const RulePtr& default_rule, NumberedNames& ports,
                                 NumberedNames& flows, std::string& why);

}  // namespace nm::classifier
