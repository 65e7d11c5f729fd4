#include "numbered_names.h"

namespace nm::classifier {

uint16_t NumberedNames::number(std::string_view name) {
  if (name.empty()) return 0;
  const std::lock_guard<std::mutex> guard(mutex_);
  const auto found = numbers_.find(name);
  if (found != numbers_.end()) return found->second;
  if (names_.size() == 65535) return 0;
  names_.emplace_back(name);
  const auto number = static_cast<uint16_t>(names_.size());
  numbers_.emplace(std::string(name), number);
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
    if (matches_pattern(pattern, names_[i])) out.push_back(static_cast<uint16_t>(i + 1));
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
