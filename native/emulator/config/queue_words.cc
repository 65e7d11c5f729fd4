// The words that describe how packets wait.
#include "../units.h"
#include "context.h"

namespace nm::emulator {
namespace {

bool read_size(const Context& context, QueueSize* size) {
  uint64_t value;
  bool bytes = false;
  if (!take_size(context, uint64_t{1} << 32, &value, &bytes)) return false;
  if (value == 0) return context.bad("a queue of size 0 would drop everything: 1 slot at least");
  *size = {value, bytes};
  return true;
}

// plr P | K,p,H,r
bool read_loss(const Context& context, LossSettings* loss) {
  if (context.words->done()) return context.problem->set("a probability is missing", context.words->place());
  std::string_view text = context.words->take();
  double values[4] = {};
  int count = 0;
  for (;;) {
    const size_t comma = text.find(',');
    Problem why;
    if (count == 4 || !parse_probability(text.substr(0, comma), &values[count++], &why)) {
      return context.bad(why.any() ? why.message : "more than four numbers: write plr P or plr K,p,H,r");
    }
    if (comma == std::string_view::npos) break;
    text.remove_prefix(comma + 1);
  }
  if (count != 1 && count != 4) return context.bad("write plr P, or plr K,p,H,r with all four");
  *loss = {values[0], values[1], values[2], values[3]};
  return true;
}

// w_q/min_th/max_th/max_p
bool read_red(const Context& context, Aqm kind, QueueSettings* queue) {
  if (context.words->done()) {
    return context.problem->set("w_q/min_th/max_th/max_p is missing", context.words->place());
  }
  std::string_view text = context.words->take();
  std::string_view parts[4];
  for (int i = 0; i < 4; ++i) {
    const size_t slash = text.find('/');
    if ((slash == std::string_view::npos) != (i == 3)) return context.bad("write it as w_q/min_th/max_th/max_p");
    parts[i] = text.substr(0, slash);
    text.remove_prefix(slash == std::string_view::npos ? text.size() : slash + 1);
  }
  RedSettings red;
  Problem why;
  Amount thresholds[2];
  bool suffixed;
  bool good = parse_real(parts[0], 0, 1, &red.weight, &why) && parse_probability(parts[3], &red.max_p, &why);
  for (int i = 0; i < 2; ++i) good = good && parse_size(parts[i + 1], &thresholds[i], &suffixed, &why);
  if (!good) return context.bad(why.message);
  red.min = static_cast<double>(thresholds[0].value);
  red.max = static_cast<double>(thresholds[1].value);
  if (red.weight == 0) return context.bad("w_q must be greater than 0");
  if (red.max == 0) return context.bad("max_th must be greater than 0");
  if (red.min > red.max) return context.bad("min_th must not be greater than max_th");
  queue->aqm = kind;
  queue->red = red;
  return true;
}

}  // namespace

bool read_buckets(const Context& context, uint32_t* buckets) {
  uint64_t n;
  if (!take_whole(context, 1, 1000000, &n)) return false;
  const uint64_t kept = n < 16 ? 16 : n > 65536 ? 65536 : n;
  if (kept != n) context.note("buckets " + std::to_string(n) + " counts as " + std::to_string(kept));
  *buckets = static_cast<uint32_t>(kept);
  return true;
}

Got read_queue_word(std::string_view word, const Context& context, QueueSettings* queue) {
  if (same_word(word, "queue")) return got(read_size(context, &queue->size));
  if (same_word(word, "plr") || same_word(word, "loss")) return got(read_loss(context, &queue->loss));
  if (same_word(word, "buckets")) return got(read_buckets(context, &queue->buckets));
  if (same_word(word, "red")) return got(read_red(context, Aqm::kRed, queue));
  if (same_word(word, "gred")) return got(read_red(context, Aqm::kGred, queue));
  if (same_word(word, "codel")) {
    queue->aqm = Aqm::kCodel;
    return got(read_codel(context, &queue->codel));
  }
  if (same_word(word, "pie")) {
    queue->aqm = Aqm::kPie;
    return got(read_pie(context, &queue->pie));
  }
  if (same_word(word, "droptail")) {
    queue->aqm = Aqm::kTail;
    return Got::kYes;
  }
  if (same_word(word, "ecn") || same_word(word, "noecn")) {
    queue->ecn = same_word(word, "ecn");
    return Got::kYes;
  }
  if (same_word(word, "noerror")) {
    queue->no_error = true;
    return Got::kYes;
  }
  return Got::kNo;
}

// What a scheduler wants to know of a queue.
Got read_share_word(std::string_view word, const Context& context, QueueSettings* queue) {
  uint64_t n;
  if (same_word(word, "weight")) {
    if (!take_whole(context, 0, 65536, &n)) return Got::kBad;
    queue->weight = static_cast<uint32_t>(n);
    return Got::kYes;
  }
  if (same_word(word, "lmax") || same_word(word, "maxlen")) {
    if (!take_whole(context, 1, 65535, &n)) return Got::kBad;
    if (n < 64) context.note("lmax " + std::to_string(n) + " counts as 64");
    queue->max_length = static_cast<uint32_t>(n < 64 ? 64 : n);
    return Got::kYes;
  }
  if (same_word(word, "pri")) {
    if (!take_whole(context, 0, 63, &n)) return Got::kBad;
    queue->priority = static_cast<uint32_t>(n);
    return Got::kYes;
  }
  return Got::kNo;
}

}  // namespace nm::emulator
