#include "trace.h"

#include <algorithm>
#include <cctype>

#include "text.h"
#include "units.h"

namespace nm::emulator {
namespace {

constexpr size_t kMaxEntries = 16u << 20;
constexpr Time kLongest = Time{86400} * 366 * kSecond;

}  // namespace

// One word in the first line that has any: packet opportunities. Two or more: a table.
std::shared_ptr<const Trace> Trace::parse(std::string_view text, Problem* problem) {
  auto trace = std::make_shared<Trace>();
  std::string_view rest = text, line;
  while (next_line(&rest, &line)) {
    size_t at = 0;
    line = without_comment(line);
    if (next_word(line, &at).empty()) continue;
    trace->kind_ = next_word(line, &at).empty() ? Kind::kOpportunities : Kind::kTable;
    const bool table = trace->kind_ == Kind::kTable;
    const bool good = table ? parse_table(text, trace.get(), problem) : parse_opportunities(text, trace.get(), problem);
    return good ? trace : nullptr;
  }
  problem->set("the trace is empty: it needs lines of milliseconds, or of times and bandwidths");
  return nullptr;
}

bool Trace::parse_opportunities(std::string_view text, Trace* out, Problem* problem) {
  std::string_view line;
  for (uint32_t number = 1; next_line(&text, &line); ++number) {
    size_t at = 0;
    line = without_comment(line);
    const std::string_view word = next_word(line, &at);
    if (word.empty()) continue;
    const size_t start = at - word.size();
    uint64_t ms;
    Problem why;
    if (!next_word(line, &at).empty()) return problem->set("one number a line: ms of an opportunity", start, number);
    if (!parse_whole(word, 0, kLongest / kMillisecond, &ms, &why)) return problem->set(why.message, start, number);
    const Time time = static_cast<Time>(ms) * kMillisecond;
    if (!out->opportunities_.empty() && time < out->opportunities_.back()) {
      return problem->set(quoted(word) + " is earlier than the line before: times may not go back", start, number);
    }
    if (out->opportunities_.size() == kMaxEntries) return problem->set("too many lines: 16777216 at most", 0, number);
    out->opportunities_.push_back(time);
  }
  out->period_ = out->opportunities_.back();
  if (out->period_ == 0) return problem->set("the last opportunity must come later than 0 ms: the trace repeats then");
  return true;
}

bool Trace::parse_table(std::string_view text, Trace* out, Problem* problem) {
  std::string_view line;
  bool passes = false;
  for (uint32_t number = 1; next_line(&text, &line); ++number) {
    size_t at = 0;
    line = without_comment(line);
    const std::string_view when = next_word(line, &at);
    if (when.empty()) continue;
    size_t start = at - when.size();
    auto bad = [&](const std::string& message) { return problem->set(message, start, number); };
    Problem why;
    Step step{0, 0, kNever};
    if (out->period_) return bad("nothing may follow the line with `end`");
    if (!parse_time(when, kSecond, kLongest, &step.at, &why)) return bad(why.message);
    if (out->steps_.empty() ? step.at != 0 : step.at <= out->steps_.back().at) {
      return bad(out->steps_.empty() ? "the first line must begin with 0"
                                     : quoted(when) + " is not later than the line before");
    }
    if (!out->steps_.empty()) {
      step.bandwidth = out->steps_.back().bandwidth;
      step.delay = out->steps_.back().delay;
    }
    const std::string_view rate = next_word(line, &at);
    start = at - rate.size();
    Amount bandwidth;
    if (same_word(rate, "end")) {
      if (out->steps_.empty()) return bad("`end` cannot be the first line");
      out->period_ = step.at;
      continue;
    }
    if (rate == "-" ? out->steps_.empty() : !parse_bandwidth(rate, &bandwidth, &why)) {
      return bad(rate == "-" ? "the first line must name a bandwidth" : why.message);
    }
    if (bandwidth.value > 1000000000000) return bad(quoted(rate) + " is too much: 1 Tbit/s at most");
    if (rate != "-") step.bandwidth = bandwidth.value;
    const std::string_view delay = next_word(line, &at);
    start = at - delay.size();
    if (!delay.empty() && delay != "-" && !parse_time(delay, kMillisecond, 3600 * kSecond, &step.delay, &why)) {
      return bad(why.message);
    }
    const std::string_view more = next_word(line, &at);
    start = at - more.size();
    if (!more.empty()) return bad(quoted(more) + " is too much: a line is time, bandwidth, delay");
    if (out->steps_.size() == kMaxEntries) return bad("too many lines: 16777216 at most");
    out->steps_.push_back(step);
    passes = passes || step.bandwidth > 0;
  }
  if (!passes) return problem->set("nothing ever passes: at least one line must have a bandwidth greater than 0");
  return true;
}

Trace::Cursor Trace::find(Time t) const {
  Cursor c{static_cast<uint64_t>(t / period_), 0};
  const auto found = std::lower_bound(opportunities_.begin(), opportunities_.end(), t % period_);
  c.index = static_cast<size_t>(found - opportunities_.begin());
  // The last opportunity of the round before comes at the same time as 0 of this one.
  if (t % period_ == 0 && c.round > 0) {
    const auto last = std::lower_bound(opportunities_.begin(), opportunities_.end(), period_);
    c = {c.round - 1, static_cast<size_t>(last - opportunities_.begin())};
  }
  return c;
}

const Trace::Step& Trace::step(Time t, Time* until) const {
  const Time base = period_ ? t / period_ * period_ : 0;
  auto next = std::upper_bound(steps_.begin(), steps_.end(), t - base, [](Time a, const Step& s) { return a < s.at; });
  *until = next != steps_.end() ? base + next->at : period_ ? base + period_ : kNever;
  return *(next - 1);
}

}  // namespace nm::emulator
