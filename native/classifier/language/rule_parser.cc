#include "rule_parser.h"

#include <cmath>
#include <cstdlib>

#include "names.h"

namespace nm::classifier {
namespace {

using Verb = Rule::Verb;

struct ActionWord {
  const char* name;
  Verb verb;
  const char* argument;  // what it is, null for none
  uint32_t least;
  uint32_t most;
};

constexpr uint32_t kMostNumber = 65535;

constexpr ActionWord kActionWords[] = {
    {"allow", Verb::kAllow, nullptr, 0, 0},
    {"accept", Verb::kAllow, nullptr, 0, 0},
    {"pass", Verb::kAllow, nullptr, 0, 0},
    {"permit", Verb::kAllow, nullptr, 0, 0},
    {"deny", Verb::kDeny, nullptr, 0, 0},
    {"drop", Verb::kDeny, nullptr, 0, 0},
    {"count", Verb::kCount, nullptr, 0, 0},
    {"pipe", Verb::kPipe, "the pipe's number", 1, kMostNumber},
    {"queue", Verb::kQueue, "the queue's number", 1, kMostNumber},
    {"skipto", Verb::kSkipto, "the rule's number", 1, kMostNumber},
    {"call", Verb::kCall, "the rule's number", 1, kMostNumber},
    {"return", Verb::kReturn, nullptr, 0, 0},
    {"check-state", Verb::kCheckState, nullptr, 0, 0},
    {"setdscp", Verb::kSetDscp, nullptr, 0, 0},
    {"setmark", Verb::kSetMark, nullptr, 0, 0},
};

bool has_table(const Expression& e) {
  if (e.kind == Expression::kTest) return e.test.code == Test::kTable && !e.test.own;
  for (const Expression& part : e.parts) {
    if (has_table(part)) return true;
  }
  return false;
}

bool uses_tablearg(const Expression& e) {
  if (e.kind == Expression::kTest) return e.test.tablearg;
  for (const Expression& part : e.parts) {
    if (uses_tablearg(part)) return true;
  }
  return false;
}

}  // namespace

bool RuleParser::parse(Rule& rule) {
  if (!head(rule)) return false;
  const size_t from = cursor_.at();
  if (cursor_.done() && cursor_.line().has_comment) {
    // A rule that is only a comment counts.
    rule.verb = Verb::kCount;
    rule.text = "count";
    rule.comment = cursor_.line().comment;
    return true;
  }
  if (!action(rule) || !parameters(rule) || !body(rule)) return false;
  remember_text(rule, from);
  return check(rule);
}

bool RuleParser::parse_condition(Rule& rule) {
  const size_t from = cursor_.at();
  if (!body(rule)) return false;
  remember_text(rule, from);
  rule.text = "allow " + rule.text;
  return check(rule);
}

bool RuleParser::head(Rule& rule) {
  uint64_t number;
  if (read_number(cursor_.peek(), UINT64_MAX, number)) {
    if (number > kDefaultRule) {
      return cursor_.fail("rules have numbers from 1 to 65534, not " + quoted(cursor_.peek()));
    }
    if (number == kDefaultRule) {
      return cursor_.fail("rule 65535 is the default rule, which is set when the rules are made");
    }
    cursor_.take();
    rule.number = static_cast<uint32_t>(number);  // 0 means: choose one
  }
  if (cursor_.accept("set") && !cursor_.number("the set", 0, 31, rule.set)) return false;
  if (cursor_.accept("prob") && !probability(rule)) return false;
  return true;
}

bool RuleParser::probability(Rule& rule) {
  std::string word;
  if (!cursor_.need("the probability", word)) return false;
  char* end = nullptr;
  const double p =
      word.find_first_not_of("0123456789.eE-+") == std::string::npos ? std::strtod(word.c_str(), &end) : -1;
  if (end == nullptr || *end != 0 || !(p > 0 && p <= 1)) {
    return cursor_.fail_last("the probability must be more than 0 and at most 1, not " + quoted(word));
  }
  rule.probability = static_cast<uint64_t>(std::ldexp(p, 32));
  if (rule.probability == 0) rule.probability = 1;
  return true;
}

bool RuleParser::argument(const char* what, uint32_t least, uint32_t most, Argument& out) {
  if (cursor_.accept("tablearg")) {
    out.tablearg = true;
    return true;
  }
  return cursor_.number(what, least, most, out.number);
}

bool RuleParser::action(Rule& rule) {
  if (cursor_.done()) return cursor_.fail("an action is missing: allow, deny, count, pipe, queue, skipto, ...");
  const std::string& word = cursor_.peek();
  for (const ActionWord& action : kActionWords) {
    if (word != action.name) continue;
    cursor_.take();
    rule.verb = action.verb;
    if (action.argument && !argument(action.argument, action.least, action.most, rule.argument)) return false;
    if (rule.verb == Verb::kSetMark) {
      if (!argument("the mark", 0, 0xffffffff, rule.argument)) return false;
    }
    if (rule.verb == Verb::kCheckState) return flow_name(rule.flow_name, true);
    if (rule.verb != Verb::kSetDscp) return true;
    if (kDscps.find(cursor_.peek(), rule.argument.number)) return cursor_.take(), true;
    return argument("the code point (or a name: cs0..cs7, af11..af43, va, ef, be)", 0, 63, rule.argument);
  }
  if (const char* why = refused_action(word)) return cursor_.fail(quoted(word) + " is not supported: " + why);
  return cursor_.fail(
      quoted(word) +
      " is no action: use allow, deny, count, pipe, queue, skipto, call, return, check-state, setdscp or "
      "setmark");
}

bool RuleParser::flow_name(std::string& out, bool any_allowed) {
  const std::string& word = cursor_.peek();
  if (word.empty() || word[0] != ':') return true;
  cursor_.take();
  out = word.substr(1);
  if (out.empty() || out.size() > 63) {
    return cursor_.fail_last("a flow name has 1 to 63 characters, as in :web, not " + quoted(word));
  }
  if (out == "any" && !any_allowed) return cursor_.fail_last("':any' is for check-state only");
  if (out == "default") out.clear();
  return true;
}

bool RuleParser::parameters(Rule& rule) {
  for (;;) {
    if (cursor_.accept("log")) {
      if (rule.log) return cursor_.fail_last("'log' was given twice");
      rule.log = true;
      if (cursor_.accept("logamount")) {
        rule.log_amount_given = true;
        if (!cursor_.number("logamount", 0, 0x7fffffff, rule.log_amount)) return false;
      }
    } else if (cursor_.sees("tag") || cursor_.sees("untag")) {
      if (rule.tag != Rule::Tag::kNone) return cursor_.fail("a rule has one tag or untag");
      rule.tag = cursor_.take() == "tag" ? Rule::Tag::kTag : Rule::Tag::kUntag;
      if (!argument("the tag", 1, 65534, rule.tag_number)) return false;
    } else if (cursor_.accept("setmark")) {
      if (rule.sets_mark) return cursor_.fail_last("'setmark' was given twice");
      rule.sets_mark = true;
      if (!argument("the mark", 0, 0xffffffff, rule.mark)) return false;
    } else if (const char* why = refused_option(cursor_.peek())) {
      return cursor_.fail(quoted(cursor_.peek()) + " is not supported: " + why);
    } else {
      return true;
    }
  }
}

bool RuleParser::check(const Rule& rule) {
  const bool tablearg = rule.argument.tablearg || rule.tag_number.tablearg || rule.mark.tablearg ||
                        rule.limit.tablearg || uses_tablearg(rule.body);
  if (tablearg && !has_table(rule.body)) {
    return cursor_.fail_last("'tablearg' needs a table that is looked up in the same rule");
  }
  if (rule.defers && !rule.installs_state()) {
    return cursor_.fail_last("'defer-action' needs keep-state, record-state, limit or set-limit in the same rule");
  }
  return true;
}

void RuleParser::remember_text(Rule& rule, size_t from) {
  const Line& line = cursor_.line();
  for (size_t i = from; i < line.words.size(); ++i) {
    if (i > from) rule.text += ' ';
    rule.text += line.words[i].text;
  }
  if (line.has_comment) rule.comment = line.comment;
}

}  // namespace nm::classifier
