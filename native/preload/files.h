// The open netmap files of this process: what several descriptors and mappings may share.
#pragma once

#include <poll.h>

#include <memory>
#include <mutex>
#include <vector>

#include "../engine/engine_device.h"
#include "fd_table.h"

namespace nm {

struct EpollItem;

// One open file description of /dev/netmap.
struct PortFile : Object {
  PortFile() : Object(Kind::kPort) {}

  // What poll(2) finds, syncing as it does. `mutex` is held in this and all below.
  short look(short events);

  std::mutex mutex;                      // of all below
  std::unique_ptr<EngineDevice> device;  // null: closed
  bool kept = false;                     // a thread sleeps at the door
  std::vector<int> others;               // eventfds of further threads that sleep
  std::vector<EpollItem*> items;         // epoll instances that wait for this file

  // Under tables_mutex(), as are the descriptors:
  size_t mapped = 0;  // bytes. A mapping keeps the port, as the kernel's does.
  int loops = 0;      // threads inside a request about a sync loop, which do not hold `mutex`
};

// Guards counts, mappings, and the lists of objects. Taken before a file's mutex.
std::mutex& tables_mutex();

// The netmap file behind a descriptor, null when it is none.
PortFile* port_file(int fd);

// Opens a netmap file as open(2) with these flags would. Returns a descriptor, or -1 with errno.
int open_file(int flags);

// If the descriptor leads to a port of the engine that somebody else opened, puts it into the tables.
PortFile* adopt(int fd);

// Another descriptor leads to the object. Whatever the number meant to us before is let go of.
void add_fd(int fd, Object* object);
// The number means nothing to us any more; its file has been closed already.
void drop_fd(int fd);
// Ends the file if nothing leads to it any more. tables_mutex() must not be held.
void end_if_unused(PortFile* file);

// While one lives, the file does not end, though nobody holds its mutex. A sync loop on a file that no descriptor leads
// to any more is told to end: nobody could stop it.
class InLoop {
 public:
  explicit InLoop(PortFile* file);
  ~InLoop();
  InLoop(const InLoop&) = delete;
  InLoop& operator=(const InLoop&) = delete;

 private:
  PortFile* file_;
};

// For fork.
void lock_all_files();
void unlock_all_files(bool in_child);
// At exit.
void close_all_files();

}  // namespace nm
