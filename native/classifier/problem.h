// Why a command was refused.
#pragma once

#include <cstddef>
#include <string>

namespace nm::classifier {

struct Problem {
  std::string message;
  size_t position = 0;  // 0-based byte offset of the offence in the text that was given
};

}  // namespace nm::classifier
