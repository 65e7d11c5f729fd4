#include "sleeper.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>

namespace nm::runner {
namespace {

// A bell may be lost where a process has no descriptors left: it looks by itself.
constexpr int64_t kLookAgain = 500000000;

}  // namespace

Sleeper::Sleeper() : event_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Sleeper::~Sleeper() {
  if (event_ >= 0) (void)close(event_);
}

void Sleeper::wake() {
  const uint64_t one = 1;
  (void)!write(event_, &one, sizeof one);
}

void Sleeper::begin() {
  wanted_.clear();
}

void Sleeper::want(Device* device, short events) {
  for (Wanted& wanted : wanted_) {
    if (wanted.device != device) continue;
    wanted.events = static_cast<short>(wanted.events | events);
    return;
  }
  wanted_.push_back({device, events, false});
}

bool Sleeper::ready() {
  for (Wanted& wanted : wanted_) {
    short ready = 0;
    if (wanted.device->arm(wanted.events, &ready) != 0 || ready != 0) return true;
    wanted.armed = true;
  }
  return false;
}

void Sleeper::sleep(int64_t ns) {
  fds_.clear();
  fds_.push_back({event_, POLLIN, 0});
  for (const Wanted& wanted : wanted_) {
    fds_.push_back({wanted.device->fd(), wanted.device->loop_events(wanted.events), 0});
  }
  ns = std::clamp<int64_t>(ns, 0, kLookAgain);
  const timespec time = {static_cast<time_t>(ns / 1000000000), static_cast<long>(ns % 1000000000)};
  if (ppoll(fds_.data(), fds_.size(), &time, nullptr) > 0 && fds_[0].revents != 0) {
    uint64_t rung;
    (void)!read(event_, &rung, sizeof rung);
  }
}

void Sleeper::end() {
  for (Wanted& wanted : wanted_) {
    if (wanted.armed) wanted.device->disarm();
    wanted.armed = false;
  }
}

}  // namespace nm::runner
