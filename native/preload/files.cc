#include "files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <new>

#include "epoll_set.h"
#include "own_fd.h"
#include "process.h"
#include "real.h"
#include "report.h"

namespace nm {

namespace {

constexpr int kLoopEndMs = 200;  // at exit

// Never destroyed: other threads may run on while the process exits.
std::vector<PortFile*>& all_files() {
  static auto* files = new std::vector<PortFile*>;
  return *files;
}

// A file that nobody uses; tables_mutex() is held.
PortFile* free_file() {
  for (PortFile* file : all_files()) {
    if (file->fds == 0 && file->mapped == 0 && !file->device) return file;
  }
  auto* file = new PortFile;
  all_files().push_back(file);
  return file;
}

Object* put(int fd, Object* object) {
  if (object) ++object->fds;
  Object* before = FdTable::set(fd, object);
  if (before) --before->fds;
  return before;
}

}  // namespace

short PortFile::look(short events) {
  short ready = POLLERR;
  if (device && device->bound()) device->poll(events, 0, &ready);
  return ready;
}

std::mutex& tables_mutex() {
  static auto* mutex = new std::mutex;
  return *mutex;
}

PortFile* port_file(int fd) {
  take_inheritance();
  Object* object = FdTable::get(fd);
  return object && object->kind == Object::Kind::kPort ? static_cast<PortFile*>(object) : nullptr;
}

int open_file(int flags) {
  take_inheritance();
  activate();
  Inside inside;
  Object* before = nullptr;
  int fd = -1;
  {
    std::lock_guard<std::mutex> lock(tables_mutex());
    std::unique_ptr<EngineDevice> device(new EngineDevice);
    Status s = device->open_descriptor();
    if (s.ok()) {
      device->serve_program();
      // The program's descriptor is one more of the door's file description: its lock lives on with it, wherever it
      // goes.
      fd = real::fcntl(device->fd(), flags & O_CLOEXEC ? F_DUPFD_CLOEXEC : F_DUPFD, 0);
      if (fd < 0) s = Status::failure(errno, "open", "no file descriptors left");
    }
    if (!s.ok()) {
      report(s);
      device.reset();
      errno = s.err;
      return -1;
    }
    PortFile* file = free_file();
    file->device = std::move(device);
    before = put(fd, file);
  }
  if (before && before->kind == Object::Kind::kPort) end_if_unused(static_cast<PortFile*>(before));
  return fd;
}

PortFile* adopt(int fd) {
  if (!looks_like_door(fd)) return nullptr;
  take_inheritance();
  activate();
  const int error = errno;
  Inside inside;
  std::unique_ptr<EngineDevice> device(new EngineDevice);
  PortFile* file = nullptr;
  {
    std::lock_guard<std::mutex> lock(tables_mutex());
    const int door = own_copy(fd);
    if (door < 0) return nullptr;
    const Status s = device->adopt(door);
    if (!s.ok()) {
      FdTable::set(door, nullptr);
      real::close(door);
      if (s.err != ENODEV) report(s);
      errno = error;
      return nullptr;
    }
    device->serve_program();
    for (PortFile* known : all_files()) {
      if (known->device && known->device->descriptor() == device->descriptor()) file = known;
    }
    if (!file) {
      file = free_file();
      file->device = std::move(device);
    }
    put(fd, file);
  }
  errno = error;
  return file;  // a second device of the same descriptor ends here, as its door is kept open by the first
}

void add_fd(int fd, Object* object) {
  Object* before;
  {
    std::lock_guard<std::mutex> lock(tables_mutex());
    before = put(fd, object);
  }
  if (before && before->kind == Object::Kind::kPort) end_if_unused(static_cast<PortFile*>(before));
}

void drop_fd(int fd) {
  add_fd(fd, nullptr);
}

void end_if_unused(PortFile* file) {
  const int error = errno;
  std::lock_guard<std::mutex> lock(tables_mutex());
  if (file->fds > 0 || !file->device) return;
  if (file->loops > 0) {
    Inside inside;
    file->device->end_loop(0);
    return;  // the loop's thread ends the file when it leaves
  }
  if (file->mapped > 0) return;
  forget_in_epoll(file);
  std::lock_guard<std::mutex> mine(file->mutex);
  Inside inside;
  file->device.reset();
  errno = error;
}

InLoop::InLoop(PortFile* file) : file_(file) {
  std::lock_guard<std::mutex> lock(tables_mutex());
  ++file_->loops;
}

InLoop::~InLoop() {
  {
    std::lock_guard<std::mutex> lock(tables_mutex());
    --file_->loops;
  }
  end_if_unused(file_);
}

void lock_all_files() {
  tables_mutex().lock();
  lock_epoll_sets();
  for (PortFile* file : all_files()) file->mutex.lock();
}

void unlock_all_files(bool in_child) {
  for (PortFile* file : all_files()) {
    if (in_child) {  // the threads that slept are not here
      file->kept = false;
      file->loops = 0;
      for (int fd : file->others) {
        FdTable::set(fd, nullptr);
        real::close(fd);
      }
      file->others.clear();
    }
    file->mutex.unlock();
  }
  unlock_epoll_sets();
  tables_mutex().unlock();
}

// Files stay locked: a thread that is still running must not touch rings which may be another port's by then. Its
// mapping stays, too.
void close_all_files() {
  if (!tables_mutex().try_lock()) return;
  for (PortFile* file : all_files()) {
    if (!file->device || !file->mutex.try_lock()) continue;
    Inside inside;
    if (!file->device->end_loop(kLoopEndMs)) continue;
    for (int fd : FdTable::within(0, ~0u)) {
      if (FdTable::get(fd) == file) {
        FdTable::set(fd, nullptr);
        real::close(fd);
      }
    }
    file->device.reset();
  }
}

}  // namespace nm
