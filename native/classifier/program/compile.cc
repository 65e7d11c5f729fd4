#include <algorithm>

#include "program.h"
#include "rule_compiler.h"

namespace nm::classifier {
namespace {

// So many rules on one field make an index worth its look-up.
constexpr size_t kIndexFrom = 24;

using Spans128 = std::vector<Span<U128>>;

std::string fingerprint(const Spans128& spans) {
  return std::string(reinterpret_cast<const char*>(spans.data()), spans.size() * sizeof(Span<U128>));
}

// How many addresses, ports, ... a rule lets through, as a power of two: the fewer the better.
int breadth(const Spans128& spans, IndexField field) {
  int widest = 0;
  for (const Span<U128>& span : spans) widest = std::max(widest, bit_length(span.low ^ span.high));
  const bool six = field == IndexField::kSrc6 || field == IndexField::kDst6;
  return six ? widest / 4 : widest;
}

// Chooses for each rule the field that tells it apart best from the others: the one in which the fewest other rules
// want the same. Fields that too few rules have chosen get no index.
void build_indexes(Program& program, const std::vector<uint32_t>& positions, std::vector<bool>& indexed) {
  struct Choice {
    int field = -1;
    Spans128 spans;
  };
  std::vector<std::array<Spans128, kIndexFields>> all(positions.size());
  std::array<std::unordered_map<std::string, size_t>, kIndexFields> known;
  std::array<std::vector<std::string>, kIndexFields> prints;
  for (int f = 0; f < kIndexFields; ++f) {
    prints[f].resize(positions.size());
    for (size_t i = 0; i < positions.size(); ++i) {
      const Rule& rule = *program.rules[positions[i]];
      if (!field_spans(rule.body, static_cast<IndexField>(f), all[i][f])) {
        all[i][f].clear();
        continue;
      }
      prints[f][i] = fingerprint(all[i][f]);
      ++known[f][prints[f][i]];
    }
  }
  std::array<std::vector<FieldIndex::Entry>, kIndexFields> entries;
  for (size_t i = 0; i < positions.size(); ++i) {
    int best = -1;
    size_t best_count = 0;
    int best_breadth = 0;
    for (int f = 0; f < kIndexFields; ++f) {
      if (all[i][f].empty()) continue;
      const size_t count = known[f][prints[f][i]];
      const int wide = breadth(all[i][f], static_cast<IndexField>(f));
      if (best < 0 || count < best_count || (count == best_count && wide < best_breadth)) {
        best = f;
        best_count = count;
        best_breadth = wide;
      }
    }
    if (best >= 0) entries[best].push_back({positions[i], std::move(all[i][best])});
  }
  for (int f = 0; f < kIndexFields; ++f) {
    if (entries[f].size() < kIndexFrom) continue;
    std::vector<uint32_t> members, rejected;
    for (const FieldIndex::Entry& entry : entries[f]) members.push_back(entry.position);
    FieldIndex index(static_cast<IndexField>(f), std::move(entries[f]), rejected);
    if (!index.useful()) continue;
    for (uint32_t position : members) indexed[position] = true;
    for (uint32_t position : rejected) indexed[position] = false;
    program.indexes.push_back(std::move(index));
  }
}

// The first few: of what is looked up later, most has been decided by then.
constexpr size_t kFetches = 4;

void add_fetch(Program& program, const Fetch& fetch) {
  auto& all = program.fetches;
  if (all.size() < kFetches && std::find(all.begin(), all.end(), fetch) == all.end()) all.push_back(fetch);
}

void add_fetches(Program& program) {
  for (uint32_t number = 0; number < program.indexes.size(); ++number) {
    const IndexField field = program.indexes[number].field();
    if (field == IndexField::kSrc4) add_fetch(program, {kSrc4, false, number});
    if (field == IndexField::kDst4) add_fetch(program, {kDst4, false, number});
  }
  for (const Op& op : program.ops) {
    if (op.code != Op::kTable && op.code != Op::kOwn) continue;
    const auto field = static_cast<Field>(op.what);
    if (field == Field::kSrcIp) add_fetch(program, {kSrc4, true, op.argument});
    if (field == Field::kDstIp) add_fetch(program, {kDst4, true, op.argument});
  }
}

}  // namespace

std::shared_ptr<Program> compile(const Model& model, const RulePtr& default_rule, NumberedNames& ports,
                                 NumberedNames& flows, std::string& why) {
  auto program = std::make_shared<Program>();
  program->settings = model.settings;
  program->ports_seen = ports.count();
  program->rules = model.rules;
  program->rules.push_back(default_rule);
  program->flow_names.emplace_back();
  program->name_ids.push_back(0);
  if (program->rules.size() >= Guard::kMostRules) {
    why = "there are too many rules";
    return nullptr;
  }
  RuleCompiler compiler(*program, model, ports, flows);
  std::vector<uint32_t> candidates;  // rules that an index may take
  std::vector<bool> enabled(program->rules.size());
  for (uint32_t position = 0; position < program->rules.size(); ++position) {
    const Rule& rule = *program->rules[position];
    if (!compiler.compile(rule, why)) return nullptr;
    program->positions.emplace(rule.id, position);
    enabled[position] = position + 1 == program->rules.size() || !(model.disabled_sets >> rule.set & 1);
    program->keeps_state |= rule.looks_up_state() || rule.installs_state();
    if (enabled[position] && !rule.looks_up_state()) candidates.push_back(position);
  }
  for (Step& step : program->steps) {
    if (step.verb != Rule::Verb::kSkipto && step.verb != Rule::Verb::kCall) continue;
    const bool forward = step.verb == Rule::Verb::kSkipto && step.argument <= step.number;
    step.target = program->position_of(forward ? step.number + 1u : step.argument);
  }
  std::vector<bool> indexed(program->rules.size());
  build_indexes(*program, candidates, indexed);
  program->guards_from.resize(program->rules.size() + 1);
  for (uint32_t position = 0; position < program->rules.size(); ++position) {
    program->guards_from[position] = static_cast<uint32_t>(program->guards.size());
    if (!enabled[position] || indexed[position]) continue;
    const Rule& rule = *program->rules[position];
    Guard guard = rule.looks_up_state() ? Guard() : guard_of(rule.body);
    if (!rule.looks_up_state() && guard_settles(rule.body)) program->steps[position].entry = Op::kMatch;
    guard.word_and_position |= position;
    program->guards.push_back(guard);
  }
  program->guards_from.back() = static_cast<uint32_t>(program->guards.size());
  add_fetches(*program);
  return program;
}

uint32_t Program::position_of(uint32_t number) const {
  const auto at = std::lower_bound(steps.begin(), steps.end(), number,
                                   [](const Step& step, uint32_t wanted) { return step.number < wanted; });
  // Nothing lies behind the default rule.
  return static_cast<uint32_t>(std::min<size_t>(static_cast<size_t>(at - steps.begin()), steps.size() - 1));
}

uint32_t Program::position_after(uint32_t number, uint32_t id) const {
  const auto at = std::upper_bound(steps.begin(), steps.end(), std::pair<uint32_t, uint32_t>(number, id),
                                   [](const std::pair<uint32_t, uint32_t>& wanted, const Step& step) {
                                     return wanted < std::pair<uint32_t, uint32_t>(step.number, step.id);
                                   });
  return static_cast<uint32_t>(std::min<size_t>(static_cast<size_t>(at - steps.begin()), steps.size() - 1));
}

size_t Program::bytes() const {
  size_t out =
      steps.size() * sizeof(Step) + ops.size() * sizeof(Op) + guards.size() * sizeof(Guard) + guards_from.size() * 4;
  for (const FieldIndex& index : indexes) out += index.bytes();
  for (const Map32& set : sets) out += set.bytes();
  for (const Map128& set : sets6) out += set.bytes();
  return out;
}

size_t Edition::bytes() const {
  size_t out = program->bytes();
  for (const auto& table : tables) out += table->bytes();
  return out;
}

}  // namespace nm::classifier
