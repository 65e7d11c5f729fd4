// What is wrong with a text that somebody wrote: where, what, and what to do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

namespace nm::emulator {

struct Problem {
  uint32_t line = 0;      // 1-based; 0: the text has no lines
  uint32_t position = 0;  // 0-based, in bytes within the line
  std::string message;    // empty: there is none

  bool any() const { return !message.empty(); }
  // Remembers the first one only. Returns false, so that parsers can say `return problem->set(...)`.
  bool set(std::string text, size_t at = 0, uint32_t in_line = 0) {
    if (any()) return false;
    message = std::move(text);
    position = static_cast<uint32_t>(at);
    line = in_line;
    return false;
  }
};

}  // namespace nm::emulator
