// A command line as words, and the cursor by which parsers walk over them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "../problem.h"

namespace nm::classifier {

struct Token {
  std::string text;
  size_t position;  // in the text that was given
};

struct Line {
  std::vector<Token> words;
  bool has_comment = false;
  std::string comment;  // what follows "//"
  size_t end = 0;       // where the line's last word ends
};

// Splits as ipfw's tool does: at blanks; braces and parentheses around or-blocks are words of their own, those within a
// word (`table(1)`, `10.0.0.0/24{1,5}`, `netmap:p}1`) belong to it; a list may go on after ", "; quotes hold together
// what they enclose; `#` begins a comment that is thrown away and `//` one that is kept. `offset` is where the line
// begins in the text that problems refer to.
bool split(std::string_view line, size_t offset, Line& out, Problem& problem);

class Cursor {
 public:
  Cursor(const Line& line, Problem& problem) : line_(line), problem_(problem) {}

  bool done() const { return at_ == line_.words.size(); }
  size_t left() const { return line_.words.size() - at_; }
  size_t at() const { return at_; }
  // Empty when there is none.
  const std::string& peek(size_t ahead = 0) const;
  bool sees(std::string_view word, size_t ahead = 0) const { return left() > ahead && peek(ahead) == word; }
  const std::string& take();
  bool accept(std::string_view word);
  // The next word; a problem that says what was expected if there is none.
  bool need(const char* what, std::string& word);
  bool number(const char* what, uint32_t least, uint32_t most, uint32_t& out);

  // Always false. The offence is the next word, or the one taken last.
  bool fail(std::string message);
  bool fail_last(std::string message, size_t offset = 0);
  bool fail_at(size_t word, std::string message);

  const Line& line() const { return line_; }
  Problem& problem() { return problem_; }

 private:
  const Line& line_;
  Problem& problem_;
  size_t at_ = 0;
};

// A whole number, decimal or 0x; nothing else may follow it.
bool read_number(std::string_view text, uint64_t most, uint64_t& out);
std::string quoted(std::string_view text);
std::string to_string(uint64_t value);
std::vector<std::string_view> split_list(std::string_view text, char separator = ',');

}  // namespace nm::classifier
