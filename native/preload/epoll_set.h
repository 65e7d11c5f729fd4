// The netmap files of an epoll instance. The kernel's instance holds all its other descriptors.
#pragma once

#include <sys/epoll.h>

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "fd_table.h"
#include "sleeper.h"

namespace nm {

struct EpollItem {
  PortFile* file;
  int fd;
  uint32_t events;
  epoll_data_t data;
  // On the ready list: to be looked at by the next wait. Only then, which is why queued packets are not sent by
  // epoll_wait(EPOLLIN), with netmap's module as here. Under the file's mutex.
  bool pending = false;
  bool enabled = true;  // EPOLLONESHOT
};

class EpollSet : public Object {
 public:
  EpollSet() : Object(Kind::kEpoll) {}

  int control(int operation, PortFile* file, int fd, const epoll_event* event);  // 0 or an errno
  bool empty();
  // Events of netmap files, at most `most`.
  int collect(epoll_event* events, int most);
  // Whether collect() would find something.
  bool ready();
  // Makes sure that each sleeper, given to `sleep_at`, wakes at a change. True: something is to be looked at already.
  bool sleep(std::deque<Sleeper>* sleepers, const std::function<void(Sleeper&)>& sleep_at);
  void forget(const PortFile* file);
  void clear();
  bool toggle() { return turn_.fetch_xor(1) & 1; }

  std::mutex mutex;  // of the items; taken before a file's

 private:
  short look(EpollItem& item);

  std::vector<std::unique_ptr<EpollItem>> items_;
  std::atomic<int> turn_{1};
  size_t next_ = 0;  // whose turn it is, when there are more than fit
};

// The set of an epoll descriptor, null when it has none.
EpollSet* epoll_set(int fd);
// Makes one.
EpollSet* new_epoll_set(int fd);

// The file has ended.
void forget_in_epoll(const PortFile* file);

// For fork.
void lock_epoll_sets();
void unlock_epoll_sets();

}  // namespace nm
