#include "words.h"

namespace nm::emulator {

bool Words::read(std::string_view line, Problem* problem) {
  words_.clear();
  at_ = 0;
  end_ = line.size();
  for (size_t i = 0; i < line.size();) {
    if (is_blank(line[i])) {
      ++i;
      continue;
    }
    if (line[i] == '#') {
      end_ = i;
      break;
    }
    Word word{"", i};
    while (i < line.size() && !is_blank(line[i])) {
      const char c = line[i];
      if (c != '"' && c != '\'') {
        word.text += c;
        ++i;
        continue;
      }
      const size_t close = line.find(c, i + 1);
      if (close == std::string_view::npos) return problem->set("the quotation that begins here has no end", i);
      word.text += line.substr(i + 1, close - i - 1);
      i = close + 1;
    }
    words_.push_back(std::move(word));
  }
  return true;
}

bool Words::accept(std::string_view word) {
  if (done() || !same_word(words_[at_].text, word)) return false;
  ++at_;
  return true;
}

std::string Words::take_amount(const char* const* units) {
  std::string amount(take());
  if (amount.find_first_not_of("0123456789.") != std::string::npos) return amount;
  for (const char* const* unit = units; *unit; ++unit) {
    if (accept(*unit)) return amount + *unit;
  }
  return amount;
}

}  // namespace nm::emulator
