#include "search.h"

#include <algorithm>

#include "../../base/mix.h"
#include "evaluate.h"

namespace nm::classifier {
namespace {

// Ways back (by call, or by state to the rule that made it) that one search may take. Sensible rules need a few.
constexpr uint32_t kMostWaysBack = 1000;

bool passes(const Guard& guard, const Packet& packet) {
  return (packet.words[guard.word()] & guard.mask) - guard.low <= guard.span;
}

}  // namespace

const Row Search::kNoRow{};

void Search::run(uint32_t position) {
  const Program& program = place_.program;
  // Two sources: rules that an index says can match, and rules in no index whose guard lets the packet pass. Whichever
  // comes first is met.
  const uint32_t* starts[kIndexFields];
  const uint32_t* candidates[kIndexFields];
  const size_t lists = program.indexes.size();
  for (size_t k = 0; k < lists; ++k) starts[k] = candidates[k] = program.indexes[k].candidates(packet_);
  const Guard* const guards = program.guards.data();
  uint32_t ways_back = 0;

  for (;;) {
    uint32_t found = FieldIndex::kEnd;
    for (size_t k = 0; k < lists; ++k) {
      while (*candidates[k] < position) ++candidates[k];
      found = std::min(found, *candidates[k]);
    }
    const Guard* guard = guards + program.guards_from[position];
    const Guard* const end = guards + (found == FieldIndex::kEnd ? program.guards.size() : program.guards_from[found]);
    // Rule after rule, as long as none of them jumps; then the candidate. The default rule, at the latest, ends it.
    for (;; ++guard) {
      while (guard != end && !passes(*guard, packet_)) ++guard;
      const uint32_t met = guard != end ? guard->position() : found;
      position = met;
      const Step& step = program.steps[met];
      if (step.only_counts()) {
        place_.counters[met].add(packet_.frame->length, now_);
        ++position;
        if (guard == end) break;
        continue;
      }
      const Outcome outcome = meet(step, position);
      if (outcome == Outcome::kDone) return;
      if (outcome == Outcome::kNext) {
        ++position;
      } else {
        if (act(position)) return;
        if (position <= met) {
          if (++ways_back > kMostWaysBack) {
            ++place_.loops;
            finish(Action::kDeny, program.steps[met]);
            return;
          }
          for (size_t k = 0; k < lists; ++k) candidates[k] = starts[k];
        }
      }
      if (guard == end || position != met + 1) break;
    }
  }
}

Search::Outcome Search::meet(const Step& step, uint32_t& position) {
  if (step.flags != Step::kPlain) return meet_special(step, position);
  if (step.entry == Op::kMatch) {
    row_ = &kNoRow;
    return Outcome::kAct;
  }
  Evaluation evaluation{place_.edition, packet_, passport_, &kNoRow};
  const bool matches = holds(evaluation, step);
  row_ = evaluation.row;
  return matches ? Outcome::kAct : Outcome::kNext;
}

Search::Outcome Search::meet_special(const Step& step, uint32_t& position) {
  if ((step.flags & Step::kProbability) && !drawn(step)) return Outcome::kNext;
  if ((step.flags & Step::kLookup) && look_up(step, position)) return Outcome::kAct;
  if (step.flags & Step::kCheckOnly) return Outcome::kNext;
  Evaluation evaluation{place_.edition, packet_, passport_, &kNoRow};
  if (!holds(evaluation, step)) return Outcome::kNext;
  row_ = evaluation.row;
  if (!(step.flags & Step::kInstall)) return Outcome::kAct;
  // Only IP packets belong to flows.
  if (!packet_.has(shape::kIp)) return Outcome::kNext;
  if (!install(step)) {
    place_.counters[position].add(packet_.frame->length, now_);
    finish(Action::kDeny, step);
    return Outcome::kDone;
  }
  return step.flags & Step::kDefer ? Outcome::kNext : Outcome::kAct;
}

bool Search::drawn(const Step& step) const {
  // A draw of its own for each rule and frame, so that it doesn't matter which other rules were looked at.
  const uint64_t z = place_.random + sequence_ * 0x9e3779b97f4a7c15u + step.id * 0xd1b54a32d192ed03u;
  return mix(z) >> 32 < step.probability;
}

bool Search::look_up(const Step& step, uint32_t& position) {
  // Once per frame and flow name: what was not there a moment ago is not there now.
  const bool any = step.flow_name == Program::kAnyFlow;
  const uint64_t names = any ? ~uint64_t{0} : uint64_t{1} << step.flow_name;
  if ((names_ & names) == names) return false;
  names_ |= names;
  FlowKey key;
  if (!flow_of(packet_, key)) return false;
  const States::State* state =
      place_.states.find(packet_, key, any ? States::kAnyName : place_.program.name_ids[step.flow_name], now_);
  if (state == nullptr) return false;
  const auto parent = place_.program.positions.find(state->rule);
  if (parent == place_.program.positions.end()) return false;
  position = parent->second;
  row_ = &state->row;
  return true;
}

bool Search::install(const Step& step) {
  FlowKey key;
  flow_of(packet_, key);
  States::Limit limit;
  limit.fields = step.rule->limit_fields;
  limit.most = step.rule->limit.tablearg ? (*row_)[static_cast<size_t>(Column::kLimit)] : step.rule->limit.number;
  return place_.states.install(packet_, key, place_.program.name_ids[step.flow_name], step.id, *row_, limit, now_);
}

}  // namespace nm::classifier
