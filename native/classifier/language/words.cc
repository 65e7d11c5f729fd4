#include "words.h"

#include <algorithm>

namespace nm::classifier {
namespace {

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v';
}

bool opens(char c) {
  return c == '{' || c == '(';
}
bool closes(char c) {
  return c == '}' || c == ')';
}

// Braces at the ends of a word that have no partner within it: no word of the language begins with a brace of its own.
void add_word(std::string_view text, size_t position, std::vector<Token>& out) {
  size_t begin = 0;
  while (begin < text.size() && opens(text[begin])) {
    out.push_back({std::string(1, text[begin]), position + begin});
    ++begin;
  }
  size_t end = text.size();
  std::vector<Token> tail;
  while (end > begin && closes(text[end - 1])) {
    int depth = 0;
    for (size_t i = begin; i < end; ++i) depth += opens(text[i]) ? 1 : closes(text[i]) ? -1 : 0;
    if (depth >= 0) break;
    --end;
    tail.push_back({std::string(1, text[end]), position + end});
  }
  if (end > begin) out.push_back({std::string(text.substr(begin, end - begin)), position + begin});
  out.insert(out.end(), tail.rbegin(), tail.rend());
}

int digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 99;
}

}  // namespace

bool split(std::string_view line, size_t offset, Line& out, Problem& problem) {
  size_t at = 0;
  bool joins = false;  // the word before ended with a comma
  out.end = offset;
  while (at < line.size()) {
    if (is_blank(line[at])) {
      ++at;
      continue;
    }
    if (line[at] == '#') break;
    const size_t begin = at;
    if (line.substr(at, 2) == "//") {
      std::string_view rest = line.substr(at + 2);
      while (!rest.empty() && is_blank(rest.front())) rest.remove_prefix(1);
      while (!rest.empty() && is_blank(rest.back())) rest.remove_suffix(1);
      out.has_comment = true;
      out.comment = std::string(rest);
      out.end = offset + line.size();
      break;
    }
    if (line[at] == '"' || line[at] == '\'') {
      const size_t close = line.find(line[at], at + 1);
      if (close == std::string_view::npos) {
        problem = {"the quote is not closed", offset + at};
        return false;
      }
      out.words.push_back({std::string(line.substr(at + 1, close - at - 1)), offset + at + 1});
      at = close + 1;
      joins = false;
    } else {
      while (at < line.size() && !is_blank(line[at])) ++at;
      const std::string_view text = line.substr(begin, at - begin);
      if (joins) {
        Token& last = out.words.back();
        const std::string whole = last.text + std::string(text);
        const size_t position = last.position;
        out.words.pop_back();
        add_word(whole, position, out.words);
      } else {
        add_word(text, offset + begin, out.words);
      }
      joins = text.back() == ',' && !out.words.empty();
    }
    out.end = offset + at;
  }
  return true;
}

const std::string& Cursor::peek(size_t ahead) const {
  static const std::string nothing;
  return left() > ahead ? line_.words[at_ + ahead].text : nothing;
}

const std::string& Cursor::take() {
  const std::string& word = peek();
  if (!done()) ++at_;
  return word;
}

bool Cursor::accept(std::string_view word) {
  if (!sees(word)) return false;
  ++at_;
  return true;
}

bool Cursor::need(const char* what, std::string& word) {
  if (done()) return fail(std::string(what) + " is missing");
  word = take();
  return true;
}

bool Cursor::number(const char* what, uint32_t least, uint32_t most, uint32_t& out) {
  std::string word;
  if (!need(what, word)) return false;
  uint64_t value = 0;
  if (!read_number(word, most, value) || value < least) {
    return fail_last(std::string(what) + " must be a number from " + to_string(least) + " to " + to_string(most) +
                     ", not " + quoted(word));
  }
  out = static_cast<uint32_t>(value);
  return true;
}

bool Cursor::fail(std::string message) {
  problem_ = {std::move(message), done() ? line_.end : line_.words[at_].position};
  return false;
}

bool Cursor::fail_last(std::string message, size_t offset) {
  problem_ = {std::move(message), at_ == 0 ? line_.end : line_.words[at_ - 1].position + offset};
  return false;
}

bool Cursor::fail_at(size_t word, std::string message) {
  problem_ = {std::move(message), word < line_.words.size() ? line_.words[word].position : line_.end};
  return false;
}

bool read_number(std::string_view text, uint64_t most, uint64_t& out) {
  unsigned base = 10;
  if (text.size() > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
    base = 16;
    text.remove_prefix(2);
  }
  if (text.empty()) return false;
  uint64_t value = 0;
  for (char c : text) {
    const auto d = static_cast<unsigned>(digit(c));
    if (d >= base || value > (UINT64_MAX - d) / base) return false;
    value = value * base + d;
  }
  if (value > most) return false;
  out = value;
  return true;
}

std::string quoted(std::string_view text) {
  std::string out = "'";
  size_t end = std::min<size_t>(text.size(), 60);
  while (end > 0 && end < text.size() && (text[end] & 0xc0) == 0x80) --end;  // no character of UTF-8 is cut
  for (unsigned char c : text.substr(0, end)) out += c >= ' ' && c != 127 ? static_cast<char>(c) : '?';
  if (end < text.size()) out += "...";
  return out + "'";
}

std::string to_string(uint64_t value) {
  char text[24];
  char* at = text + sizeof text;
  do {
    *--at = static_cast<char>('0' + value % 10);
    value /= 10;
  } while (value != 0);
  return std::string(at, static_cast<size_t>(text + sizeof text - at));
}

std::vector<std::string_view> split_list(std::string_view text, char separator) {
  std::vector<std::string_view> out;
  for (;;) {
    const size_t at = text.find(separator);
    out.push_back(text.substr(0, at));
    if (at == std::string_view::npos) return out;
    text.remove_prefix(at + 1);
  }
}

}  // namespace nm::classifier
