// A thread that waits for a netmap file among other things.
#pragma once

#include "../engine/look.h"
#include "files.h"

namespace nm {

// Several threads (and epoll instances) may wait for one file, but there is one door, and whoever takes the bell's byte
// out of it takes it from all. So one thread at a time sleeps at the door itself; the others sleep at eventfds, and it
// wakes them whenever it leaves.
class Sleeper {
 public:
  explicit Sleeper(PortFile* file) : file_(file) {}
  ~Sleeper() { leave(false); }
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;

  // Makes sure that fd() becomes readable at the next change; what is ready already is returned instead.
  short enter(short events);
  // For epoll, which has been listening all the time: false if the bell has been rung since.
  bool enter(const EpollItem& item);
  // What to sleep at, for POLLIN. -1 when not entered.
  int fd() const { return fd_; }
  void leave(bool rung);

 private:
  void take_place();

  PortFile* file_;
  int fd_ = -1;
  bool at_door_ = false;
};

}  // namespace nm
