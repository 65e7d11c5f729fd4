#include "numbered_names.h"

namespace nm::classifier {
namespace {

constexpr std::string_view kPrefix = "netmap:";

// `netmap:eth0@conf:slots=64`, `netmap:eth0` and `eth0` are one port.
std::string_view without_options(std::string_view port) {
  const std::string_view bare = port.substr(0, port.find('@'));
  return bare.empty() ? port : bare;
}
std::string_view without_prefix(std::string_view port) {
  return port.size() > kPrefix.size() && port.substr(0, kPrefix.size()) == kPrefix ? port.substr(kPrefix.size()) : port;
}

}  // namespace

uint16_t NumberedNames::number(std::string_view name) {
  if (name.empty()) return 0;
  const std::string_view shown = of_ports_ ? without_options(name) : name;
  const std::string_view key = of_ports_ ? without_prefix(shown) : name;
  const std::lock_guard<std::mutex> guard(mutex_);
  const auto found = numbers_.find(key);
  if (found != numbers_.end()) {
    // The whole name is the better one.
    if (shown.size() > names_[found->second - size_t{1}].size()) names_[found->second - size_t{1}] = shown;
    return found->second;
  }
  if (names_.size() == 65535) return 0;
  names_.emplace_back(shown);
  const auto number = static_cast<uint16_t>(names_.size());
  numbers_.emplace(std::string(key), number);
  return number;
}

std::string NumberedNames::name(uint16_t number) const {
  const std::lock_guard<std::mutex> guard(mutex_);
  return number == 0 || number > names_.size() ? std::string() : names_[number - 1];
}

std::vector<uint16_t> NumberedNames::matching(std::string_view pattern) const {
  const std::lock_guard<std::mutex> guard(mutex_);
  std::vector<uint16_t> out;
  for (size_t i = 0; i < names_.size(); ++i) {
    const std::string_view name = names_[i], bare = without_prefix(name);
    // With and without the prefix, but for ports of switches, which have none.
    const bool either = of_ports_ && bare.find(':') == std::string_view::npos;
    if (matches_pattern(pattern, name) ||
        (either && (matches_pattern(pattern, bare) || matches_pattern(without_prefix(pattern), bare)))) {
      out.push_back(static_cast<uint16_t>(i + 1));
    }
  }
  return out;
}

uint32_t NumberedNames::count() const {
  const std::lock_guard<std::mutex> guard(mutex_);
  return static_cast<uint32_t>(names_.size());
}

bool is_pattern(std::string_view text) {
  return text.find_first_of("*?") != std::string_view::npos;
}

bool matches_pattern(std::string_view pattern, std::string_view text) {
  // After a star, go on as if it stood for nothing; on failure let it take one more character.
  size_t p = 0, t = 0, star = std::string_view::npos, taken = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken = t;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++taken;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace nm::classifier
