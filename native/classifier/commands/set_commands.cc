// set disable, enable, move, swap, show
#include "change.h"

namespace nm::classifier {

bool Change::set(Cursor& cursor, std::string& output) {
  if (cursor.sees("disable") || cursor.sees("enable")) return switch_sets(cursor);
  if (cursor.accept("move")) return move_set(cursor);
  if (cursor.accept("swap")) return swap_sets(cursor);
  if (cursor.accept("show")) {
    std::string on, off;
    for (uint32_t i = 0; i <= kReservedSet; ++i) (model_.disabled_sets >> i & 1 ? off : on) += " " + to_string(i);
    output += (off.empty() ? "" : "disable" + off + " ") + "enable" + on + "\n";
    return true;
  }
  return cursor.fail("use: set disable N... enable N..., set move [rule] N to N, set swap N N, set show");
}

bool Change::switch_sets(Cursor& cursor) {
  uint32_t disabled = model_.disabled_sets;
  for (bool off = false; !cursor.done();) {
    if (cursor.accept("disable")) {
      off = true;
    } else if (cursor.accept("enable")) {
      off = false;
    } else {
      uint32_t set;
      if (!cursor.number("the set", 0, kReservedSet, set)) return false;
      if (set == kReservedSet && off) return cursor.fail_last("set 31 cannot be disabled");
      disabled = off ? disabled | 1u << set : disabled & ~(1u << set);
    }
  }
  model_.disabled_sets = disabled;
  return true;
}

void Change::change_rule(size_t index, uint32_t set) {
  auto rule = std::make_shared<Rule>(*model_.rules[index]);
  rule->set = set;
  model_.rules[index] = std::move(rule);
}

bool Change::move_set(Cursor& cursor) {
  const bool one = cursor.accept("rule");
  uint32_t from, to;
  if (!cursor.number(one ? "the rule" : "the set", one ? 1 : 0, one ? kDefaultRule - 1 : kReservedSet, from))
    return false;
  if (!cursor.accept("to")) return cursor.fail("'to' was expected");
  if (!cursor.number("the set", 0, kReservedSet, to)) return false;
  bool found = !one;
  for (size_t i = 0; i < model_.rules.size(); ++i) {
    const Rule& rule = *model_.rules[i];
    if ((one ? rule.number : rule.set) != from) continue;
    found = true;
    change_rule(i, to);
  }
  return found || cursor.fail("there is no rule " + to_string(from));
}

bool Change::swap_sets(Cursor& cursor) {
  uint32_t a, b;
  if (!cursor.number("the set", 0, kReservedSet - 1, a) || !cursor.number("the set", 0, kReservedSet - 1, b))
    return false;
  for (size_t i = 0; i < model_.rules.size(); ++i) {
    const uint32_t set = model_.rules[i]->set;
    if (set == a || set == b) change_rule(i, set == a ? b : a);
  }
  return true;
}

}  // namespace nm::classifier
