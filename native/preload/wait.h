// poll(2) over netmap files and others together.
#pragma once

#include <poll.h>
#include <signal.h>
#include <time.h>

#include <cstdint>

namespace nm {

// How long a wait may last.
class Deadline {
 public:
  static Deadline never() { return Deadline(-1); }
  static Deadline after_ms(int ms);              // negative: never
  static Deadline after(const timespec* delay);  // null: never
  bool immediate() const { return at_ == 0; }
  // Nanoseconds left, at most `most`.
  int64_t left(int64_t most) const;
  bool over() const { return at_ >= 0 && left(1) == 0; }

 private:
  explicit Deadline(int64_t at) : at_(at) {}
  int64_t at_;  // of the monotonic clock; 0: at once, -1: never
};

// Whether any of the descriptors needs us.
bool has_netmap(const pollfd* fds, nfds_t count);

// As ppoll(2). Its mask, if any, holds while it sleeps.
int wait_for(pollfd* fds, nfds_t count, const Deadline& deadline, const sigset_t* mask);

}  // namespace nm
