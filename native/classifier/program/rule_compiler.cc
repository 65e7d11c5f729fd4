#include "rule_compiler.h"

#include <algorithm>

#include "../language/words.h"

namespace nm::classifier {
namespace {

// From so many alternatives of one kind on, a set is faster than trying them in turn.
constexpr size_t kSetFrom = 5;
constexpr size_t kMostOps = 60000;

bool alike(const Test& a, const Test& b) {
  return a.code == b.code && a.what == b.what && a.need == b.need && a.mask == b.mask;
}

template <class Map, class Key>
void build_set(std::vector<Span<Key>> spans, const Key& last, Map& out) {
  std::sort(spans.begin(), spans.end(), [](const Span<Key>& a, const Span<Key>& b) { return a.low < b.low; });
  std::vector<typename Map::Interval> intervals;
  bool open = false;
  Key end{};
  for (const Span<Key>& span : spans) {
    if (!open || end < span.low) {
      if (open) intervals.push_back({end + Key(1), kNothing});
      intervals.push_back({span.low, 1});
      end = span.high;
      open = true;
    } else if (end < span.high) {
      end = span.high;
    }
  }
  if (open && end < last) intervals.push_back({end + Key(1), kNothing});
  out.build(intervals);
}

}  // namespace

bool RuleCompiler::compile(const Rule& rule, std::string& why) {
  first_op_ = static_cast<uint32_t>(program_.ops.size());
  too_long_ = false;
  Step step;
  step.first_op = first_op_;
  step.entry = emit(rule.body, Op::kMatch, Op::kFail);
  if (too_long_) {
    why = "rule " + to_string(rule.number) + " is too long: put its lists into a table";
    return false;
  }
  step.verb = rule.verb;
  step.tablearg = rule.argument.tablearg;
  step.number = static_cast<uint16_t>(rule.number);
  step.argument = rule.argument.number;
  step.id = rule.id;
  step.probability = rule.probability;
  step.rule = &rule;
  uint32_t flags = Step::kPlain;
  if (rule.probability < uint64_t{1} << 32) flags |= Step::kProbability;
  if (rule.looks_up_state()) flags |= Step::kLookup;
  if (rule.verb == Rule::Verb::kCheckState) flags |= Step::kCheckOnly;
  if (rule.installs_state()) flags |= Step::kInstall;
  if (rule.defers) flags |= Step::kDefer;
  if (rule.log) flags |= Step::kLog;
  if (rule.tag == Rule::Tag::kTag) flags |= Step::kTag;
  if (rule.tag == Rule::Tag::kUntag) flags |= Step::kUntag;
  if (rule.sets_mark) flags |= Step::kMark;
  step.flags = static_cast<uint16_t>(flags);
  if (rule.looks_up_state() || rule.installs_state()) {
    step.flow_name = flow_name(rule.flow_name, why);
    if (!why.empty()) return false;
  }
  program_.steps.push_back(step);
  return true;
}

uint16_t RuleCompiler::flow_name(const std::string& name, std::string& why) {
  if (name == "any") return Program::kAnyFlow;
  std::vector<std::string>& names = program_.flow_names;
  const auto at = std::find(names.begin(), names.end(), name);
  if (at != names.end()) return static_cast<uint16_t>(at - names.begin());
  if (names.size() == Program::kMostFlowNames) {
    why = "there are more than " + to_string(Program::kMostFlowNames - 1) + " flow names";
    return 0;
  }
  const uint16_t id = flows_.number(name);
  if (id == 0) why = "there have been too many flow names";
  names.push_back(name);
  program_.name_ids.push_back(id);
  return static_cast<uint16_t>(names.size() - 1);
}

// Backwards, so that each test knows where to go on.
uint16_t RuleCompiler::emit(const Expression& expression, uint16_t yes, uint16_t no) {
  switch (expression.kind) {
    case Expression::kTrue:
      return yes;
    case Expression::kTest:
      return emit_test(expression.test, yes, no);
    case Expression::kNot:
      return emit(expression.parts[0], no, yes);
    case Expression::kAnd:
      for (size_t i = expression.parts.size(); i-- > 0;) yes = emit(expression.parts[i], yes, no);
      return yes;
    case Expression::kOr: {
      uint16_t entry;
      if (emit_set(expression, yes, no, entry)) return entry;
      for (size_t i = expression.parts.size(); i-- > 0;) no = emit(expression.parts[i], yes, no);
      return no;
    }
  }
  return no;
}

bool RuleCompiler::emit_set(const Expression& expression, uint16_t yes, uint16_t no, uint16_t& entry) {
  const std::vector<Expression>& parts = expression.parts;
  if (parts.size() < kSetFrom) return false;
  for (const Expression& part : parts) {
    if (part.kind != Expression::kTest || !alike(part.test, parts[0].test)) return false;
  }
  const Test& first = parts[0].test;
  Op op;
  op.what = first.what;
  op.need = first.need;
  op.mask = first.mask;
  if (first.code == Test::kRange) {
    std::vector<Span<uint32_t>> spans;
    spans.reserve(parts.size());
    for (const Expression& part : parts) spans.push_back({part.test.low, part.test.low + part.test.span});
    op.code = Op::kSet;
    op.argument = static_cast<uint32_t>(program_.sets.size());
    build_set(std::move(spans), 0xffffffffu, program_.sets.emplace_back());
  } else if (first.code == Test::kAddress6) {
    std::vector<Span<U128>> spans;
    for (const Expression& part : parts) {
      std::vector<Span<U128>> one;
      if (!field_spans(part, first.what == 0 ? IndexField::kSrc6 : IndexField::kDst6, one)) return false;
      spans.push_back(one[0]);
    }
    op.code = Op::kSet6;
    op.argument = static_cast<uint32_t>(program_.sets6.size());
    build_set(std::move(spans), ~U128(0), program_.sets6.emplace_back());
  } else {
    return false;
  }
  entry = push(op, yes, no);
  return true;
}

uint16_t RuleCompiler::push(Op op, uint16_t yes, uint16_t no) {
  const size_t index = program_.ops.size() - first_op_;
  if (index >= kMostOps) {
    too_long_ = true;
    return no;
  }
  op.yes = yes;
  op.no = no;
  program_.ops.push_back(op);
  return static_cast<uint16_t>(index);
}

uint16_t RuleCompiler::emit_test(const Test& test, uint16_t yes, uint16_t no) {
  Op op;
  op.what = test.what;
  op.need = test.need;
  op.mask = test.mask;
  op.low = test.low;
  op.span = test.span;
  switch (test.code) {
    case Test::kRange:
      op.code = Op::kRange;
      break;
    case Test::kDerived:
      op.code = Op::kDerived;
      break;
    case Test::kAddress6:
    case Test::kMac:
      op.code = test.code == Test::kMac ? Op::kMac : Op::kAddress6;
      op.argument = static_cast<uint32_t>(program_.wides.size());
      program_.wides.emplace_back(test.wide, test.wide_mask);
      break;
    case Test::kTable:
      op.code = test.own ? Op::kOwn : Op::kTable;
      op.flag = test.has_value;
      op.column = static_cast<uint8_t>(test.column);
      op.argument = table(test.name);
      break;
    case Test::kPortName:
      port_set(test, op);
      break;
    case Test::kTagged:
      op.code = Op::kTagged;
      op.flag = test.tablearg;
      break;
    case Test::kMarkArg:
      op.code = Op::kMarkArg;
      break;
  }
  return push(op, yes, no);
}

void RuleCompiler::port_set(const Test& test, Op& op) {
  std::vector<uint16_t> numbers;
  if (is_pattern(test.name)) {
    numbers = ports_.matching(test.name);
    program_.has_patterns = true;
  } else if (const uint16_t number = ports_.number(test.name)) {
    numbers.push_back(number);
  }
  op.code = Op::kPorts;
  op.argument = static_cast<uint32_t>(program_.port_sets.size());
  std::vector<uint64_t>& bits = program_.port_sets.emplace_back();
  for (uint16_t number : numbers) {
    if (bits.size() <= number / 64u) bits.resize(number / 64u + 1);
    bits[number / 64u] |= uint64_t{1} << (number % 64);
  }
}

uint32_t RuleCompiler::table(const std::string& name) {
  const auto known = tables_.find(name);
  if (known != tables_.end()) return known->second;
  const auto index = static_cast<uint32_t>(program_.tables.size());
  program_.tables.push_back(name);
  tables_.emplace(name, index);
  return index;
}

namespace {

Guard guard(uint32_t word, uint32_t mask, uint32_t low, uint32_t span) {
  Guard out;
  out.mask = mask;
  out.low = low;
  out.span = span;
  out.word_and_position = word << 28;
  return out;
}

// Bits of a word that it settles, about.
int selectivity(const Guard& guard) {
  int bits = 0;
  for (uint32_t mask = guard.mask; mask != 0; mask &= mask - 1) ++bits;
  int free = 0;
  while (free < 32 && guard.span >> free != 0) ++free;
  // Every frame of a kind has the same shape: a value tells more.
  return guard.word() == kShape ? (guard.mask != 0 ? 1 : 0) : std::max(bits - free, guard.mask != 0 ? 1 : 0) + 1;
}

// Whether an expression only asks for a shape, and for which bits of it.
bool only_shape(const Expression& expression, uint32_t* bits) {
  switch (expression.kind) {
    case Expression::kTrue:
      return true;
    case Expression::kTest:
      *bits |= expression.test.need;
      return expression.test.code == Test::kRange && expression.test.mask == 0 && expression.test.low == 0;
    case Expression::kAnd:
      return std::all_of(expression.parts.begin(), expression.parts.end(),
                         [&](const Expression& part) { return only_shape(part, bits); });
    default:
      return false;
  }
}

Guard guard_of_test(const Test& test) {
  if (test.code == Test::kRange && test.mask != 0) return guard(test.what, test.mask, test.low, test.span);
  return guard(kShape, test.need, test.need, 0);
}

}  // namespace

bool guard_settles(const Expression& expression) {
  uint32_t bits = 0;
  return only_shape(expression, &bits);
}

Guard guard_of(const Expression& expression) {
  Guard best;
  uint32_t bits = 0;
  if (only_shape(expression, &bits)) return guard(kShape, bits, bits, 0);
  switch (expression.kind) {
    case Expression::kTest:
      return guard_of_test(expression.test);
    case Expression::kAnd:
      for (const Expression& part : expression.parts) {
        const Guard one = guard_of(part);
        if (selectivity(one) > selectivity(best)) best = one;
      }
      return best;
    case Expression::kOr: {
      best = guard_of(expression.parts[0]);
      for (const Expression& part : expression.parts) {
        const Guard one = guard_of(part);
        if (one.word() != best.word() || one.mask != best.mask) return {};
        const uint32_t high = std::max(best.low + best.span, one.low + one.span);
        best.low = std::min(best.low, one.low);
        best.span = high - best.low;
      }
      return best;
    }
    case Expression::kNot: {
      const Expression& inner = expression.parts[0];
      if (inner.kind != Expression::kTest || inner.test.code != Test::kRange || inner.test.mask != 0) return {};
      const uint32_t bits = inner.test.need;
      return (bits & (bits - 1)) == 0 ? guard(kShape, bits, 0, 0) : Guard();
    }
    default:
      return {};
  }
}

}  // namespace nm::classifier
