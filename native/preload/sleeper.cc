#include "sleeper.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

#include "../engine/door.h"
#include "epoll_set.h"
#include "own_fd.h"
#include "process.h"
#include "real.h"

namespace nm {

// The file's mutex is held.
void Sleeper::take_place() {
  at_door_ = !file_->kept;
  if (at_door_) {
    file_->kept = true;
    fd_ = file_->device->fd();
    return;
  }
  fd_ = keep_out_of_the_way(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (fd_ >= 0) file_->others.push_back(fd_);  // else it looks again by itself
}

short Sleeper::enter(short events) {
  std::lock_guard<std::mutex> lock(file_->mutex);
  Inside inside;
  short ready = file_->look(events);
  if (ready) return ready;
  file_->device->listen(events);
  ready = file_->look(events);
  if (!ready) take_place();
  return ready;
}

bool Sleeper::enter(const EpollItem& item) {
  std::lock_guard<std::mutex> lock(file_->mutex);
  if (item.pending || !file_->device) return false;
  Inside inside;
  take_place();
  return true;
}

void Sleeper::leave(bool rung) {
  if (fd_ < 0) return;
  std::lock_guard<std::mutex> lock(file_->mutex);
  Inside inside;
  if (at_door_) {
    file_->kept = false;
    if (file_->device) {
      if (rung) {
        quiet_door(file_->device->fd());
        for (EpollItem* item : file_->items) item->pending = true;
      }
      if (file_->items.empty() && file_->others.empty()) file_->device->disarm();
    }
    for (int fd : file_->others) eventfd_write(fd, 1);
  } else {
    auto& others = file_->others;
    others.erase(std::remove(others.begin(), others.end(), fd_), others.end());
    close(fd_);
  }
  fd_ = -1;
}

}  // namespace nm
