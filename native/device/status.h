// The outcome of a call that is not on the hot path: an errno, the call that gave it, and what a user can do about it.
#pragma once

#include <string>
#include <utility>

namespace nm {

struct Status {
  int err = 0;            // errno, 0 = success
  const char* call = "";  // what failed: "open", "NIOCCTRL", "fallocate", ...
  std::string detail;     // which object, which limit, what to do; may be empty

  bool ok() const { return err == 0; }
  static Status failure(int err, const char* call, std::string detail = {}) {
    return Status{err, call, std::move(detail)};
  }
};

}  // namespace nm
