// Sleeping until packets come, room is there, somebody wakes it, or a time has come.
#pragma once

#include <poll.h>

#include <cstdint>
#include <vector>

#include "../device/device.h"

namespace nm::runner {

class Sleeper {
 public:
  Sleeper();
  ~Sleeper();
  Sleeper(const Sleeper&) = delete;
  Sleeper& operator=(const Sleeper&) = delete;
  bool ok() const { return event_ >= 0; }

  // From any thread: ends a sleep, or the next one.
  void wake();

  // In the thread that owns the devices. begin(), then want() for each of them, then sleep() unless something is ready
  // already, end() in any case.
  void begin();
  void want(Device* device, short events);
  bool ready();
  void sleep(int64_t ns);
  void end();

 private:
  struct Wanted {
    Device* device;
    short events;
    bool armed;
  };
  int event_;
  std::vector<Wanted> wanted_;
  std::vector<pollfd> fds_;
};

}  // namespace nm::runner
