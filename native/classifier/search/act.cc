// What rules do with a frame that they match.
#include <algorithm>

#include "../packet/dscp.h"
#include "search.h"

namespace nm::classifier {

using Verb = Rule::Verb;

bool Search::act(uint32_t& position) {
  const Step& step = place_.program.steps[position];
  if (step.flags & (Step::kLog | Step::kTag | Step::kUntag | Step::kMark)) note(step);
  place_.counters[position].add(packet_.frame->length, now_);
  switch (step.verb) {
    case Verb::kAllow:
      return finish(Action::kAllow, step);
    case Verb::kDeny:
      return finish(Action::kDeny, step);
    case Verb::kPipe:
      return send_away(Action::kPipe, step, position);
    case Verb::kQueue:
      return send_away(Action::kQueue, step, position);
    case Verb::kSkipto:
    case Verb::kCall:
    case Verb::kReturn:
      jump(step, position);
      return false;
    case Verb::kSetDscp:
      if (set_dscp(packet_, argument(step, Column::kDscp) & 63)) verdict_.edited = true;
      break;
    case Verb::kSetMark:
      passport_.mark = packet_.words[kMark] = argument(step, Column::kMark);
      break;
    case Verb::kCount:
    case Verb::kCheckState:
      break;
  }
  ++position;
  return false;
}

bool Search::finish(Action action, const Step& step) {
  verdict_.action = action;
  verdict_.number = step.number;
  verdict_.rule = step.id;
  return true;
}

bool Search::send_away(Action action, const Step& step, uint32_t position) {
  const uint32_t number = argument(step, Column::kPipe);
  verdict_.target = number <= 65535 ? static_cast<uint16_t>(number) : 0;
  verdict_.one_pass = place_.program.settings.one_pass;
  passport_.version = place_.program.version;
  passport_.rule = step.id;
  passport_.position = position + 1;
  passport_.number = step.number;
  return finish(action, step);
}

uint32_t Search::argument(const Step& step, Column column) const {
  return step.tablearg ? (*row_)[static_cast<size_t>(column)] : step.argument;
}

void Search::jump(const Step& step, uint32_t& position) {
  const Program& program = place_.program;
  if (step.verb == Verb::kReturn) {
    if (passport_.call_count == 0) {
      ++position;
      return;
    }
    position = program.position_of(passport_.calls[--passport_.call_count] + 1u);
    return;
  }
  if (step.verb == Verb::kCall) {
    if (passport_.call_count == Passport::kCalls) {
      ++position;
      return;
    }
    passport_.calls[passport_.call_count++] = step.number;
  }
  if (!step.tablearg) {
    position = step.target;
    return;
  }
  uint32_t number = std::min((*row_)[static_cast<size_t>(Column::kSkipto)], kDefaultRule);
  if (step.verb == Verb::kSkipto && number <= step.number) number = step.number + 1u;
  position = program.position_of(number);
}

// What a rule does besides its action.
void Search::note(const Step& step) {
  if (step.flags & Step::kLog) write_log(step);
  const Rule& rule = *step.rule;
  if (step.flags & (Step::kTag | Step::kUntag)) {
    const uint32_t tag = rule.tag_number.tablearg ? (*row_)[static_cast<size_t>(Column::kTag)] : rule.tag_number.number;
    uint16_t* const end = passport_.tags + passport_.tag_count;
    uint16_t* const found = std::find(passport_.tags, end, tag);
    if (step.flags & Step::kTag) {
      const bool room = passport_.tag_count < Passport::kTags;
      if (found == end && room && tag > 0 && tag < 65535)
        passport_.tags[passport_.tag_count++] = static_cast<uint16_t>(tag);
    } else if (found != end) {
      *found = end[-1];
      --passport_.tag_count;
    }
  }
  if (step.flags & Step::kMark) {
    passport_.mark = packet_.words[kMark] =
        rule.mark.tablearg ? (*row_)[static_cast<size_t>(Column::kMark)] : rule.mark.number;
  }
}

void Search::write_log(const Step& step) {
  const Rule& rule = *step.rule;
  const uint32_t most = rule.log_amount_given ? rule.log_amount : place_.program.settings.verbose_limit;
  if (most != 0) {
    if (rule.logged->load(std::memory_order_relaxed) >= most) return;
    if (rule.logged->fetch_add(1, std::memory_order_relaxed) >= most) return;
  }
  verdict_.logged = true;
  LogEntry entry;
  entry.time = now_;
  entry.rule = step.id;
  entry.number = step.number;
  entry.verb = step.verb;
  entry.argument = step.tablearg
                       ? (*row_)[static_cast<size_t>(
                             step.verb == Verb::kSkipto || step.verb == Verb::kCall ? Column::kSkipto : Column::kPipe)]
                       : step.argument;
  entry.direction = packet_.has(shape::kOut) ? Direction::kOut : Direction::kIn;
  entry.recv = static_cast<uint16_t>(packet_.words[kPath] >> 16);
  entry.xmit = static_cast<uint16_t>(packet_.words[kPath]);
  place_.log.write(entry, *packet_.frame);
}

}  // namespace nm::classifier
