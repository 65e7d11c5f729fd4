#include "units.h"

#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "text.h"

namespace nm::emulator {
namespace {

using Wide = unsigned __int128;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// digits / 10^places
struct Decimal {
  Wide digits = 0;
  int places = 0;
};

// The number that `text` begins with; false when there is none or it has too many digits. Leaves the rest in `unit`.
bool read_decimal(std::string_view text, Decimal* out, std::string_view* unit) {
  size_t at = 0;
  int count = 0;
  bool dot = false;
  for (; at < text.size() && (is_digit(text[at]) || (text[at] == '.' && !dot)); ++at) {
    if (text[at] == '.') {
      dot = true;
      continue;
    }
    if (++count > 20) return false;
    out->digits = out->digits * 10 + static_cast<unsigned>(text[at] - '0');
    if (dot) ++out->places;
  }
  if (count == 0 || text[at - 1] == '.') return false;
  *unit = text.substr(at);
  return true;
}

// Times `factor`, rounded to the nearest; false beyond 2^63.
bool scaled(Decimal d, uint64_t factor, Amount* out) {
  Wide divisor = 1;
  for (int i = 0; i < d.places; ++i) divisor *= 10;
  const Wide product = d.digits * factor;
  const Wide value = (product + divisor / 2) / divisor;
  if (value >> 63) return false;
  out->value = static_cast<uint64_t>(value);
  out->rounded = product % divisor != 0;
  return true;
}

// Takes k, M, G, T off the front of a unit.
uint64_t take_prefix(std::string_view* unit, uint64_t step) {
  static constexpr char kPrefixes[] = "kmgt";
  if (unit->empty()) return 1;
  uint64_t factor = step;
  for (const char* p = kPrefixes; *p; ++p, factor *= step) {
    if (std::tolower(static_cast<unsigned char>((*unit)[0])) != *p) continue;
    unit->remove_prefix(1);
    return factor;
  }
  return 1;
}

std::string trimmed(double value, const char* unit) {
  char text[64];
  std::snprintf(text, sizeof text, "%.15g %s", value, unit);
  return text;
}

}  // namespace

bool parse_bandwidth(std::string_view text, Amount* out, Problem* problem) {
  Decimal number;
  std::string_view unit;
  if (!read_decimal(text, &number, &unit)) {
    return problem->set(quoted(text) + " is no bandwidth: write a number and a unit, for example 10Mbit/s");
  }
  uint64_t factor = take_prefix(&unit, 1000);
  if (unit == "B/s" || unit == "Bps" || unit == "B" || same_word(unit, "byte/s") || same_word(unit, "bytes/s")) {
    factor *= 8;
  } else if (!(unit.empty() || unit == "b" || unit == "b/s" || unit == "bps" || same_word(unit, "bit/s") ||
               same_word(unit, "bits/s") || same_word(unit, "bit"))) {
    return problem->set(quoted(text) + " has an unknown unit of bandwidth: it is bit/s or Byte/s with K, M, G or T");
  }
  if (!scaled(number, factor, out)) return problem->set(quoted(text) + " is too large for a bandwidth");
  return true;
}

bool parse_time(std::string_view text, Time unit_ns, Time most, Time* out, Problem* problem) {
  Decimal number;
  std::string_view unit;
  if (!read_decimal(text, &number, &unit)) {
    return problem->set(quoted(text) + " is no time: write a number and a unit, for example 20ms");
  }
  uint64_t factor = 0;
  if (unit.empty()) factor = static_cast<uint64_t>(unit_ns);
  if (same_word(unit, "ns")) factor = 1;
  if (same_word(unit, "us") || unit == "\xc2\xb5s") factor = kMicrosecond;
  if (same_word(unit, "ms")) factor = kMillisecond;
  if (same_word(unit, "s")) factor = kSecond;
  if (factor == 0) return problem->set(quoted(text) + " has an unknown unit of time: it is s, ms, us or ns");
  Amount amount;
  if (!scaled(number, factor, &amount) || amount.value > static_cast<uint64_t>(most)) {
    return problem->set(quoted(text) + " is too long: at most " + show_time(most));
  }
  *out = static_cast<Time>(amount.value);
  return true;
}

bool parse_size(std::string_view text, Amount* out, bool* suffixed, Problem* problem) {
  Decimal number;
  std::string_view unit;
  if (!read_decimal(text, &number, &unit)) {
    return problem->set(quoted(text) + " is no size: write a number and perhaps a unit, for example 50 or 64KBytes");
  }
  *suffixed = !unit.empty();
  const uint64_t factor = take_prefix(&unit, 1024);
  if (!(unit.empty() || same_word(unit, "b") || same_word(unit, "byte") || same_word(unit, "bytes") ||
        same_word(unit, "ib"))) {
    return problem->set(quoted(text) + " has an unknown unit of size: it is Bytes, KBytes or MBytes");
  }
  if (!scaled(number, factor, out)) return problem->set(quoted(text) + " is too large");
  return true;
}

bool parse_real(std::string_view text, double least, double most, double* out, Problem* problem) {
  const std::string copy(text);
  char* end = nullptr;
  const bool plain = !copy.empty() && (is_digit(copy[0]) || copy[0] == '.');
  const double value = plain ? std::strtod(copy.c_str(), &end) : -1;
  if (!plain || *end != '\0' || copy.find_first_of("xXpP") != std::string::npos || !(value >= least && value <= most)) {
    char range[80];
    std::snprintf(range, sizeof range, " must be a number from %g to %g", least, most);
    return problem->set(quoted(text) + range);
  }
  *out = value;
  return true;
}

bool parse_probability(std::string_view text, double* out, Problem* problem) {
  const bool percent = !text.empty() && text.back() == '%';
  const std::string_view number = percent ? text.substr(0, text.size() - 1) : text;
  Problem ignored;
  double value;
  if (!parse_real(number, 0, percent ? 100 : 1, &value, &ignored)) {
    return problem->set(quoted(text) + " is no probability: write 0.01 or 1%");
  }
  *out = percent ? value / 100 : value;
  return true;
}

bool parse_whole(std::string_view text, uint64_t least, uint64_t most, uint64_t* out, Problem* problem) {
  uint64_t value = 0;
  bool good = !text.empty() && text.size() <= 19;
  for (const char c : text) {
    good = good && is_digit(c);
    if (good) value = value * 10 + static_cast<unsigned>(c - '0');
  }
  if (!good || value < least || value > most) {
    return problem->set(quoted(text) + " must be a whole number from " + std::to_string(least) + " to " +
                        std::to_string(most));
  }
  *out = value;
  return true;
}

std::string show_bandwidth(uint64_t bits) {
  if (bits == 0) return "unlimited";
  const double value = static_cast<double>(bits);
  if (bits >= 1000000000) return trimmed(value / 1e9, "Gbit/s");
  if (bits >= 1000000) return trimmed(value / 1e6, "Mbit/s");
  if (bits >= 1000) return trimmed(value / 1e3, "Kbit/s");
  return trimmed(value, "bit/s");
}

std::string show_time(Time ns) {
  const double value = static_cast<double>(ns);
  if (ns >= 10 * kSecond) return trimmed(value / 1e9, "s");
  if (ns >= kMillisecond || ns == 0) return trimmed(value / 1e6, "ms");
  if (ns >= kMicrosecond) return trimmed(value / 1e3, "us");
  return trimmed(value, "ns");
}

std::string show_bytes(uint64_t bytes) {
  if (bytes >= 1048576 && bytes % 1024 == 0) return trimmed(static_cast<double>(bytes) / 1048576, "MB");
  if (bytes >= 1024 && bytes % 1024 == 0) return trimmed(static_cast<double>(bytes) / 1024, "KB");
  return trimmed(static_cast<double>(bytes), "B");
}

}  // namespace nm::emulator
