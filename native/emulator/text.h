// Lines and words of configuration texts.
#pragma once

#include <cctype>
#include <string>
#include <string_view>

namespace nm::emulator {

inline bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

// Takes the next line off `text`, without its end; false when there is none left.
inline bool next_line(std::string_view* text, std::string_view* line) {
  if (text->empty()) return false;
  const size_t end = text->find('\n');
  *line = text->substr(0, end);
  text->remove_prefix(end == std::string_view::npos ? text->size() : end + 1);
  return true;
}

// What stands before a # .
inline std::string_view without_comment(std::string_view line) {
  return line.substr(0, line.find('#'));
}

// The word at or behind `*at`, which moves behind it; empty at the end.
inline std::string_view next_word(std::string_view line, size_t* at) {
  while (*at < line.size() && is_blank(line[*at])) ++*at;
  const size_t start = *at;
  while (*at < line.size() && !is_blank(line[*at])) ++*at;
  return line.substr(start, *at - start);
}

// A text as a message shows it.
inline std::string quoted(std::string_view text) {
  return "'" + std::string(text.substr(0, 60)) + "'";
}

// Same word, whatever the case.
inline bool same_word(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(a[i])) != std::tolower(static_cast<unsigned char>(b[i]))) return false;
  }
  return true;
}

}  // namespace nm::emulator
