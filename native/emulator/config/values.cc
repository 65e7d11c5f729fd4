// Values of configuration words.
#include "../units.h"
#include "context.h"

namespace nm::emulator {
namespace {

constexpr const char* kTimeUnits[] = {"s", "ms", "us", "ns", nullptr};
constexpr const char* kSizeUnits[] = {"B", "bytes", "byte",   "K",     "KB", "KBytes", "KByte",
                                      "M", "MB",    "MBytes", "MByte", "GB", "slots",  nullptr};
constexpr const char* kRateUnits[] = {"bit/s",    "Kbit/s",   "Mbit/s",   "Gbit/s",  "Tbit/s",  "bits/s",  "Kbits/s",
                                      "Mbits/s",  "Gbits/s",  "Byte/s",   "KByte/s", "MByte/s", "GByte/s", "Bytes/s",
                                      "KBytes/s", "MBytes/s", "GBytes/s", "bps",     "Kbps",    "Mbps",    "Gbps",
                                      "K",        "M",        "G",        nullptr};
constexpr uint64_t kMostBandwidth = 1000000000000;

bool missing(const Context& context, const char* what) {
  if (!context.words->done()) return false;
  context.problem->set(std::string("a value is missing: ") + what, context.words->place());
  return true;
}

}  // namespace

bool take_time(const Context& context, Time unit, Time most, Time* out) {
  if (missing(context, "a time, for example 20ms")) return false;
  const std::string text = context.words->take_amount(kTimeUnits);
  Problem why;
  return parse_time(text, unit, most, out, &why) || context.bad(why.message);
}

bool take_size(const Context& context, uint64_t most, uint64_t* out, bool* bytes) {
  if (missing(context, "a size, for example 50 or 64KBytes")) return false;
  std::string text = context.words->take_amount(kSizeUnits);
  const size_t slots = text.rfind("slots");
  const bool in_slots = bytes && slots != std::string::npos && slots > 0 && slots + 5 == text.size();
  if (in_slots) text.resize(slots);
  Amount amount;
  bool suffixed = false;
  Problem why;
  if (!parse_size(text, &amount, &suffixed, &why)) return context.bad(why.message);
  if (amount.value > most) return context.bad("'" + text + "' is too much: at most " + std::to_string(most));
  if (amount.rounded) context.note("'" + text + "' was rounded to " + std::to_string(amount.value));
  *out = amount.value;
  if (bytes) *bytes = suffixed && !in_slots;
  return true;
}

bool take_bandwidth(const Context& context, uint64_t* out) {
  if (missing(context, "a bandwidth, for example 10Mbit/s")) return false;
  const std::string text = context.words->take_amount(kRateUnits);
  Amount amount;
  Problem why;
  if (!parse_bandwidth(text, &amount, &why)) {
    if (!text.empty() && text.find_first_of("0123456789") != 0 && text.find_first_not_of("0123456789.") == 0) {
      return context.bad(why.message + "; the clock of an interface cannot be taken");
    }
    return context.bad(why.message);
  }
  if (amount.value > kMostBandwidth) return context.bad("'" + text + "' is too much: 1 Tbit/s at most");
  if (amount.rounded && amount.value == 0) return context.bad("'" + text + "' is less than 1 bit/s");
  if (amount.rounded) context.note("'" + text + "' was rounded to " + std::to_string(amount.value) + " bit/s");
  *out = amount.value;
  return true;
}

bool take_whole(const Context& context, uint64_t least, uint64_t most, uint64_t* out) {
  if (missing(context, "a number")) return false;
  Problem why;
  return parse_whole(context.words->take(), least, most, out, &why) || context.bad(why.message);
}

bool take_probability(const Context& context, double* out) {
  if (missing(context, "a probability, for example 0.01 or 1%")) return false;
  Problem why;
  return parse_probability(context.words->take(), out, &why) || context.bad(why.message);
}

bool take_real(const Context& context, double least, double most, double* out) {
  if (missing(context, "a number")) return false;
  Problem why;
  return parse_real(context.words->take(), least, most, out, &why) || context.bad(why.message);
}

}  // namespace nm::emulator
