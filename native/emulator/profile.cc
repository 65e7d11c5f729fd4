#include "profile.h"

#include <algorithm>
#include <cmath>

#include "text.h"
#include "units.h"

namespace nm::emulator {
namespace {

constexpr size_t kMaxPoints = 1 << 16;
constexpr double kLongestMs = 3600e3;

}  // namespace

std::shared_ptr<const Profile> Profile::parse(std::string_view text, Problem* problem) {
  auto profile = std::make_shared<Profile>();
  std::string_view line;
  enum class Columns { kNone, kDelayProb, kProbDelay } columns = Columns::kNone;
  uint32_t number = 0;
  auto bad = [&](const std::string& message, size_t at) {
    problem->set(message, at, number);
    return nullptr;
  };
  while (next_line(&text, &line)) {
    ++number;
    size_t at = 0;
    line = without_comment(line);
    const std::string_view first = next_word(line, &at);
    if (first.empty()) continue;
    const size_t first_at = at - first.size();
    std::string_view second = next_word(line, &at);
    size_t second_at = at - second.size();
    if (second.empty()) return bad("a value is missing behind " + quoted(first), first_at);
    Problem why;
    if (columns != Columns::kNone) {
      const bool delay_first = columns == Columns::kDelayProb;
      double ms, prob;
      if (!parse_real(delay_first ? first : second, 0, kLongestMs, &ms, &why)) {
        return bad("the delay (ms) " + why.message, delay_first ? first_at : second_at);
      }
      if (!parse_real(delay_first ? second : first, 0, 1, &prob, &why)) {
        return bad("the probability " + why.message, delay_first ? second_at : first_at);
      }
      if (profile->points_.size() == kMaxPoints) return bad("too many points: 65536 at most", first_at);
      profile->points_.push_back({prob, ms * kMillisecond});
    } else if (same_word(first, "name")) {
      if (second.size() > 31) return bad("the name is too long: 31 characters at most", second_at);
      profile->name_ = second;
    } else if (same_word(first, "samples")) {
      uint64_t samples;  // the polygon itself is drawn from, whatever they say
      if (!parse_whole(second, 2, 1024, &samples, &why)) return bad("samples: " + why.message, second_at);
    } else if (same_word(first, "loss-level")) {
      if (!parse_real(second, 0, 1, &profile->loss_level_, &why)) return bad("loss-level: " + why.message, second_at);
    } else if (same_word(first, "bw")) {
      Amount bandwidth;
      const std::string_view unit = next_word(line, &at);
      const std::string whole = std::string(second) + std::string(unit);
      if (!parse_bandwidth(whole, &bandwidth, &why)) return bad(why.message, second_at);
      if (bandwidth.value > 1000000000000) return bad("the bandwidth is too large: 1 Tbit/s at most", second_at);
      profile->bandwidth_ = bandwidth.value;
    } else if (same_word(first, "delay") && same_word(second, "prob")) {
      columns = Columns::kDelayProb;
    } else if (same_word(first, "prob") && same_word(second, "delay")) {
      columns = Columns::kProbDelay;
    } else {
      return bad(quoted(first) + " is unknown: name, samples, loss-level, bw, or the header `delay prob`", first_at);
    }
    const std::string_view more = next_word(line, &at);
    if (!more.empty()) return bad(quoted(more) + " is one word too many", at - more.size());
  }
  if (columns == Columns::kNone) return bad("the header `delay prob` or `prob delay` is missing", 0);
  if (profile->points_.size() < 2) return bad("a profile needs two points at least", 0);
  std::sort(profile->points_.begin(), profile->points_.end(),
            [](const Point& a, const Point& b) { return a.prob != b.prob ? a.prob < b.prob : a.delay < b.delay; });
  return profile;
}

Time Profile::extra(double u) const {
  // The first point behind u: of several at one probability the largest delay wins from there on.
  auto next = std::upper_bound(points_.begin(), points_.end(), u, [](double v, const Point& p) { return v < p.prob; });
  if (next == points_.begin()) return std::llround(next->delay);
  const Point& before = *(next - 1);
  if (next == points_.end()) return std::llround(before.delay);
  const double share = (u - before.prob) / (next->prob - before.prob);
  return std::llround(before.delay + share * (next->delay - before.delay));
}

}  // namespace nm::emulator
