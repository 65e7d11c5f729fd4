// list, show
#include <algorithm>

#include "../language/address.h"
#include "../language/lists.h"
#include "change.h"

namespace nm::classifier {
namespace {

std::string padded(const std::string& text, size_t width, char fill = ' ') {
  return std::string(text.size() < width ? width - text.size() : 0, fill) + text;
}

// Seconds of the clock that the packets came with.
std::string seconds(int64_t ns) {
  return to_string(static_cast<uint64_t>(ns / kSecond)) + "." +
         padded(to_string(static_cast<uint64_t>(ns % kSecond)), 9, '0');
}

std::string show_probability(uint64_t units) {
  // Enough digits to tell apart what was read.
  const uint64_t billionths = (units * 1000000000u + (uint64_t{1} << 31)) >> 32;
  std::string digits = padded(to_string(billionths), 9, '0');
  digits.erase(digits.find_last_not_of('0') + 1);
  return "0." + (digits.empty() ? "0" : digits);
}

std::string address(const U128& value, uint8_t family) {
  return family == 4 ? show_ip4(low_word(value)) : show_ip6(value);
}

}  // namespace

bool Change::show(Cursor& cursor, Flags flags, std::string& output) {
  std::vector<Span<uint32_t>> wanted;
  while (!cursor.done()) {
    const std::string word = cursor.take();
    Span<uint32_t> span{};
    if (!read_span(word, kDefaultRule, nullptr, span)) {
      return cursor.fail_last(quoted(word) + " is no number of a rule, and no range of them");
    }
    const bool there =
        span.high == kDefaultRule || std::any_of(model_.rules.begin(), model_.rules.end(), [&](const RulePtr& rule) {
          return rule->number >= span.low && rule->number <= span.high;
        });
    if (!there) return cursor.fail_last("there is no rule with this number");
    wanted.push_back(span);
  }
  if (!flags.dynamic_only) {
    // Rules as this change has them, counters as they are now.
    std::unordered_map<uint32_t, RuleCounters> counters;
    for (const auto& [rule, count] : ruleset_.report()) counters[rule->id] = count;
    std::vector<RulePtr> rules = model_.rules;
    rules.push_back(ruleset_.default_rule());
    size_t packets = 0, bytes = 0;
    std::vector<std::pair<RulePtr, RuleCounters>> shown;
    for (const RulePtr& rule : rules) {
      const bool asked = wanted.empty() || std::any_of(wanted.begin(), wanted.end(), [&](const Span<uint32_t>& span) {
                           return rule->number >= span.low && rule->number <= span.high;
                         });
      const bool disabled = rule->number != kDefaultRule && (model_.disabled_sets >> rule->set & 1) != 0;
      if (!asked || (disabled && !flags.sets) || (flags.set != kAllSets && rule->set != flags.set)) continue;
      shown.emplace_back(rule, counters[rule->id]);
      packets = std::max(packets, to_string(shown.back().second.packets).size());
      bytes = std::max(bytes, to_string(shown.back().second.bytes).size());
    }
    for (const auto& [rule, count] : shown) {
      const bool disabled = rule->number != kDefaultRule && (model_.disabled_sets >> rule->set & 1) != 0;
      if (disabled) output += "# DISABLED ";
      output += padded(to_string(rule->number), 5, '0') + " ";
      if (flags.counters) {
        output += padded(to_string(count.packets), packets) + " " + padded(to_string(count.bytes), bytes) + " ";
      }
      if (flags.times) output += (count.packets != 0 ? seconds(count.last) : "-") + " ";
      if (flags.sets) output += "set " + to_string(rule->set) + " ";
      if (rule->probability < uint64_t{1} << 32) output += "prob " + show_probability(rule->probability) + " ";
      output += rule->text + (rule->comment.empty() ? "" : " // " + rule->comment) + "\n";
    }
  }
  if (flags.dynamic) show_states(flags, output);
  return true;
}

void Change::show_states(const Flags&, std::string& output) {
  States& states = ruleset_.states();
  const std::lock_guard<std::mutex> guard(states.mutex());
  std::unordered_map<uint32_t, RulePtr> rules;
  for (const RulePtr& rule : model_.rules) rules.emplace(rule->id, rule);
  output += "## Dynamic rules (" + to_string(states.count()) + "):\n";
  states.each([&](const States::State& state) {
    const auto rule = rules.find(state.rule);
    if (rule == rules.end()) return;
    const FlowKey& key = state.key;
    const std::string& name = rule->second->flow_name;
    output += padded(to_string(rule->second->number), 5, '0') + " " + to_string(state.packets) + " " +
              to_string(state.bytes) + " (" + seconds(state.expires - states.now()) + "s) " +
              (rule->second->limit_fields != 0 ? "LIMIT" : "STATE") + " proto " + to_string(key.protocol) + " " +
              address(key.src, key.family) + " " + to_string(key.ports >> 16) + " <-> " + address(key.dst, key.family) +
              " " + to_string(key.ports & 0xffff) + " :" + (name.empty() ? "default" : name) + "\n";
  });
}

}  // namespace nm::classifier
