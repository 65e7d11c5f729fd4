// The parameters of CoDel, PIE, FQ-CoDel and FQ-PIE. They come last: all further words of the command are theirs.
#include "context.h"

namespace nm::emulator {
namespace {

constexpr Time kMost = 100 * kSecond;

bool take_positive_time(const Context& context, Time* out) {
  if (!take_time(context, kMillisecond, kMost, out)) return false;
  return *out >= kMicrosecond || context.bad("this time must be 1 us at least");
}

Got read_codel_word(std::string_view word, const Context& context, CodelSettings* codel) {
  if (same_word(word, "target")) return got(take_positive_time(context, &codel->target));
  if (same_word(word, "interval")) return got(take_positive_time(context, &codel->interval));
  if (same_word(word, "ecn") || same_word(word, "noecn")) {
    codel->ecn = same_word(word, "ecn");
    return Got::kYes;
  }
  return Got::kNo;
}

// `name` or `noname`.
bool is_switch(std::string_view word, std::string_view name, bool* value) {
  const bool negated = word.size() > 2 && same_word(word.substr(0, 2), "no") && same_word(word.substr(2), name);
  if (!negated && !same_word(word, name)) return false;
  *value = !negated;
  return true;
}

Got read_pie_word(std::string_view word, const Context& context, PieSettings* pie) {
  if (same_word(word, "target")) return got(take_positive_time(context, &pie->target));
  if (same_word(word, "tupdate")) return got(take_positive_time(context, &pie->update));
  if (same_word(word, "max_burst")) return got(take_time(context, kMillisecond, kMost, &pie->max_burst));
  if (same_word(word, "alpha")) return got(take_real(context, 0, 7, &pie->alpha));
  if (same_word(word, "beta")) return got(take_real(context, 0, 7, &pie->beta));
  if (same_word(word, "max_ecnth")) return got(take_probability(context, &pie->max_ecn));
  if (is_switch(word, "ecn", &pie->ecn) || is_switch(word, "capdrop", &pie->cap_drop) ||
      is_switch(word, "drand", &pie->derandomize)) {
    return Got::kYes;
  }
  if (same_word(word, "onoff")) {
    pie->on_off = true;
    return Got::kYes;
  }
  if (same_word(word, "ts") || same_word(word, "dre")) {
    pie->timestamps = same_word(word, "ts");
    return Got::kYes;
  }
  return Got::kNo;
}

template <typename Read>
bool read_all(const Context& context, const char* of, Read read) {
  while (!context.words->done()) {
    const std::string word(context.words->take());
    const Got result = read(word);
    if (result == Got::kBad) return false;
    if (result == Got::kNo) {
      return context.bad("'" + word + "' is no parameter of " + of + ", whose parameters have to come last");
    }
  }
  return true;
}

}  // namespace

bool read_codel(const Context& context, CodelSettings* codel) {
  return read_all(context, "codel", [&](const std::string& word) { return read_codel_word(word, context, codel); });
}

bool read_pie(const Context& context, PieSettings* pie) {
  return read_all(context, "pie", [&](const std::string& word) { return read_pie_word(word, context, pie); });
}

bool read_fair(const Context& context, bool pie, FairSettings* fair) {
  return read_all(context, pie ? "fq_pie" : "fq_codel", [&](const std::string& word) {
    uint64_t n;
    if (same_word(word, "quantum")) {
      if (!take_whole(context, 1, 65535, &n)) return Got::kBad;
      if (n < 256) context.note("quantum " + std::to_string(n) + " counts as 256");
      fair->quantum = static_cast<uint32_t>(n < 256 ? 256 : n);
      return Got::kYes;
    }
    if (same_word(word, "limit")) {
      if (!take_whole(context, 1, 10000000, &n)) return Got::kBad;
      fair->limit = static_cast<uint32_t>(n);
      return Got::kYes;
    }
    if (same_word(word, "flows")) {
      if (!take_whole(context, 1, 65536, &n)) return Got::kBad;
      fair->flows = static_cast<uint32_t>(n);
      return Got::kYes;
    }
    return pie ? read_pie_word(word, context, &fair->pie) : read_codel_word(word, context, &fair->codel);
  });
}

}  // namespace nm::emulator
