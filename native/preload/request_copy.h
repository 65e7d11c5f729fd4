// A control request in memory of our own while it is served: body and options may lie anywhere in the program, and
// change under our hands.
#pragma once

#include <vector>

#include "../abi/option.h"

namespace nm {

class RequestCopy {
 public:
  // Copies header, body and options. An errno when that fails: EFAULT, EINVAL (body missing or not wanted, an option
  // twice), EMSGSIZE (too much, or a list of options without an end).
  int take(uint64_t user_header);
  nmreq_header* header() { return &header_; }
  // Writes back what serving has changed: of options their status, and all of them if it went well.
  int give_back(bool served);

 private:
  int take_options();

  struct Option {
    uint64_t user, next;  // where it is in the program, and what its own next pointer says
    size_t offset, size;  // of our copy in options_
  };
  nmreq_option* option(const Option& o) { return reinterpret_cast<nmreq_option*>(options_ + o.offset); }

  uint64_t user_header_ = 0, user_body_ = 0, user_options_ = 0;
  size_t body_size_ = 0;
  nmreq_header header_{};
  std::vector<Option> list_;
  alignas(8) uint8_t body_[64]{};
  alignas(8) uint8_t options_[kReqMaxSize]{};
};

}  // namespace nm
