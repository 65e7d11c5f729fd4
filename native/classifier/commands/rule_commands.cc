// add, delete, flush, zero, resetlog
#include <algorithm>

#include "../language/lists.h"
#include "../language/rule_parser.h"
#include "change.h"

namespace nm::classifier {
namespace {

std::string five_digits(uint32_t number) {
  const std::string text = to_string(number);
  return std::string(text.size() < 5 ? 5 - text.size() : 0, '0') + text;
}

}  // namespace

bool Change::add(Cursor& cursor, const Flags& flags, std::string& output) {
  Rule rule;
  if (flags.set != kAllSets) rule.set = flags.set;
  return RuleParser(cursor).parse(rule) && insert(std::move(rule), cursor, output);
}

bool Change::insert(Rule rule, Cursor& cursor, std::string& output) {
  if (!provide_tables(rule.body, cursor)) return false;
  if (rule.number == 0) {
    const uint32_t last = model_.rules.empty() ? 0 : model_.rules.back()->number;
    rule.number = last + model_.settings.autoinc_step;
    if (rule.number >= kDefaultRule) rule.number = std::max(last, 1u);
  }
  rule.id = ruleset_.next_id();
  if (rule.log) rule.logged = std::make_shared<std::atomic<uint32_t>>(0);
  output += five_digits(rule.number) + " " + rule.text + (rule.comment.empty() ? "" : " // " + rule.comment) + "\n";
  const auto at = std::upper_bound(model_.rules.begin(), model_.rules.end(), rule.number,
                                   [](uint32_t number, const RulePtr& other) { return number < other->number; });
  model_.rules.insert(at, std::make_shared<const Rule>(std::move(rule)));
  return true;
}

// A rule may name a table before anybody has made it; what it is looked up by says what it is.
bool Change::provide_tables(const Expression& expression, Cursor& cursor) {
  for (const Expression& part : expression.parts) {
    if (!provide_tables(part, cursor)) return false;
  }
  if (expression.kind != Expression::kTest || expression.test.code != Test::kTable) return true;
  const std::string& name = expression.test.name;
  const auto field = static_cast<Field>(expression.test.what);
  const auto found = model_.tables.find(name);
  if (found != model_.tables.end()) {
    const TableType type = found->second->type;
    return fits(field, type) || cursor.fail_last("table " + quoted(name) + " holds entries of type " + type_name(type) +
                                                 ", not " + type_name(usual_type(field)));
  }
  if (field == Field::kFlow) {
    return cursor.fail_last("there is no table " + quoted(name) + ": make it first, as in: table " + name +
                            " create type flow:src-ip,dst-port");
  }
  auto table = std::make_shared<Table>();
  table->name = name;
  table->type = usual_type(field);
  table->edit = edit_;
  model_.tables.emplace(name, std::move(table));
  return true;
}

// Numbers, ranges of numbers, and "set N"; those that must be there are.
bool Change::rule_numbers(Cursor& cursor, const Flags& flags, std::vector<RulePtr>& out) {
  const uint32_t set = flags.set;
  while (!cursor.done()) {
    Span<uint32_t> span{};
    uint32_t only = set;
    if (cursor.accept("set")) {
      if (!cursor.number("the set", 0, kReservedSet, only)) return false;
      span = {0, kDefaultRule};
    } else {
      const std::string word = cursor.take();
      if (!read_span(word, kDefaultRule, nullptr, span)) {
        return cursor.fail_last(quoted(word) + " is no number of a rule, and no range of them");
      }
    }
    bool found = span.low <= kDefaultRule && kDefaultRule <= span.high;
    for (const RulePtr& rule : model_.rules) {
      if (rule->number < span.low || rule->number > span.high) continue;
      if (only != kAllSets && rule->set != only) continue;
      out.push_back(rule);
      found = true;
    }
    if (span.high == kDefaultRule && only == kAllSets) out.push_back(ruleset_.default_rule());
    if (!found && !flags.quiet) return cursor.fail_last("there is no rule with this number");
  }
  return true;
}

bool Change::remove(Cursor& cursor, const Flags& flags) {
  if (cursor.done()) return cursor.fail("the rule's number is missing: delete NUMBER..., or delete set NUMBER");
  std::vector<RulePtr> rules;
  if (!rule_numbers(cursor, flags, rules)) return false;
  std::vector<const Rule*> gone;
  for (const RulePtr& rule : rules) {
    if (rule->number == kDefaultRule) return cursor.fail_last("the default rule cannot be deleted");
    gone.push_back(rule.get());
  }
  std::sort(gone.begin(), gone.end());
  model_.rules.erase(
      std::remove_if(model_.rules.begin(), model_.rules.end(),
                     [&](const RulePtr& rule) { return std::binary_search(gone.begin(), gone.end(), rule.get()); }),
      model_.rules.end());
  return true;
}

bool Change::flush(Cursor&, const Flags& flags) {
  model_.rules.erase(std::remove_if(model_.rules.begin(), model_.rules.end(),
                                    [&](const RulePtr& rule) {
                                      return flags.set == kAllSets ? rule->set != kReservedSet : rule->set == flags.set;
                                    }),
                     model_.rules.end());
  return true;
}

bool Change::zero(Cursor& cursor, const Flags& flags, bool counters) {
  std::vector<RulePtr> rules;
  if (cursor.done()) {
    for (const RulePtr& rule : model_.rules) {
      if (flags.set == kAllSets || rule->set == flags.set) rules.push_back(rule);
    }
    if (flags.set == kAllSets) rules.push_back(ruleset_.default_rule());
  } else if (!rule_numbers(cursor, flags, rules)) {
    return false;
  }
  for (const RulePtr& rule : rules) {
    // Clearing the counters lets the log go on, too.
    if (counters) zeroed_.push_back(rule->id);
    if (rule->logged) relogged_.push_back(rule);
  }
  return true;
}

}  // namespace nm::classifier
