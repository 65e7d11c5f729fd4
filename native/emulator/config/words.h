// The words of a command, with their places.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "../problem.h"
#include "../text.h"

namespace nm::emulator {

// Words are divided by blanks; '...' and "..." keep blanks together. A # outside of those begins a comment.
class Words {
 public:
  // False: a quotation has no end.
  bool read(std::string_view line, Problem* problem);

  bool done() const { return at_ == words_.size(); }
  // The next word; empty at the end.
  std::string_view peek() const { return done() ? std::string_view() : std::string_view(words_[at_].text); }
  std::string_view take() { return done() ? std::string_view() : std::string_view(words_[at_++].text); }
  // Takes the next word if it is this one, in any case of letters.
  bool accept(std::string_view word);
  // Where the next word stands, and where the one that was taken last does.
  size_t place() const { return done() ? end_ : words_[at_].place; }
  size_t last_place() const { return at_ == 0 ? 0 : words_[at_ - 1].place; }
  // Takes the next word; if it is a bare number and a unit follows, both as one: `10 Mbit/s`.
  std::string take_amount(const char* const* units);

 private:
  struct Word {
    std::string text;
    size_t place;
  };
  std::vector<Word> words_;
  size_t at_ = 0;
  size_t end_ = 0;
};

}  // namespace nm::emulator
