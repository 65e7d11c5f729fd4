#include "epoll_set.h"

#include <algorithm>
#include <cerrno>

#include "process.h"

namespace nm {

namespace {

std::vector<EpollSet*>& all_sets() {
  static auto* sets = new std::vector<EpollSet*>;
  return *sets;
}

short wanted(const EpollItem& item) {
  return static_cast<short>(item.events & (EPOLLIN | EPOLLRDNORM | EPOLLOUT | EPOLLWRNORM | EPOLLPRI));
}

void detach(EpollItem* item) {
  std::lock_guard<std::mutex> lock(item->file->mutex);
  auto& items = item->file->items;
  items.erase(std::remove(items.begin(), items.end(), item), items.end());
}

}  // namespace

EpollSet* epoll_set(int fd) {
  Object* object = FdTable::get(fd);
  return object && object->kind == Object::Kind::kEpoll ? static_cast<EpollSet*>(object) : nullptr;
}

EpollSet* new_epoll_set(int fd) {
  EpollSet* set = nullptr;
  {
    std::lock_guard<std::mutex> lock(tables_mutex());
    for (EpollSet* known : all_sets()) {
      if (known->fds == 0) set = known;
    }
    if (!set) all_sets().push_back(set = new EpollSet);
  }
  set->clear();
  add_fd(fd, set);
  return set;
}

// What there is, listening from now on. The file's mutex is held.
short EpollSet::look(EpollItem& item) {
  const short events = wanted(item);
  short ready = item.file->look(events);
  if (ready && !(item.events & EPOLLET)) return ready;
  if (item.file->device) item.file->device->listen(events);
  const short later = item.file->look(events);
  return ready | later;
}

int EpollSet::control(int operation, PortFile* file, int fd, const epoll_event* event) {
  std::lock_guard<std::mutex> lock(mutex);
  auto known =
      std::find_if(items_.begin(), items_.end(), [&](auto& item) { return item->file == file && item->fd == fd; });
  if (operation == EPOLL_CTL_ADD ? known != items_.end() : known == items_.end()) {
    return operation == EPOLL_CTL_ADD ? EEXIST : ENOENT;
  }
  if (operation == EPOLL_CTL_DEL) {
    detach(known->get());
    items_.erase(known);
    return 0;
  }
  if (!event) return EFAULT;
  if (operation == EPOLL_CTL_ADD) {
    known = items_.insert(items_.end(), std::unique_ptr<EpollItem>(new EpollItem{file, fd, 0, {}}));
  }
  EpollItem& item = **known;
  std::lock_guard<std::mutex> files(file->mutex);
  Inside inside;
  if (operation == EPOLL_CTL_ADD) file->items.push_back(&item);
  item.events = event->events;
  item.data = event->data;
  item.enabled = true;
  item.pending = look(item) != 0;
  return 0;
}

bool EpollSet::empty() {
  std::lock_guard<std::mutex> lock(mutex);
  return items_.empty();
}

int EpollSet::collect(epoll_event* events, int most) {
  std::lock_guard<std::mutex> lock(mutex);
  int n = 0;
  for (size_t k = 0; k < items_.size() && n < most; ++k) {
    EpollItem& item = *items_[(next_ + k) % items_.size()];
    if (!item.enabled) continue;
    std::lock_guard<std::mutex> files(item.file->mutex);
    Inside inside;
    if (!item.pending) continue;
    const short ready = look(item);
    item.pending = ready && !(item.events & EPOLLET);
    if (!ready) continue;
    events[n].events = static_cast<uint32_t>(ready);
    events[n].data = item.data;
    ++n;
    if (item.events & EPOLLONESHOT) item.enabled = false;
    if (n == most) next_ = (next_ + k + 1) % items_.size();
  }
  return n;
}

bool EpollSet::ready() {
  std::lock_guard<std::mutex> lock(mutex);
  for (auto& item : items_) {
    std::lock_guard<std::mutex> files(item->file->mutex);
    Inside inside;
    if (!item->enabled || !item->pending) continue;
    const bool edge = item->events & EPOLLET;
    if (look(*item)) return true;
    if (!edge) item->pending = false;
  }
  return false;
}

bool EpollSet::sleep(std::deque<Sleeper>* sleepers, const std::function<void(Sleeper&)>& sleep_at) {
  std::lock_guard<std::mutex> lock(mutex);
  bool pending = false;
  for (auto& item : items_) {
    if (!item->enabled) continue;
    sleepers->emplace_back(item->file);
    if (sleepers->back().enter(*item)) {
      sleep_at(sleepers->back());
    } else {
      pending = true;
    }
  }
  return pending;
}

void EpollSet::forget(const PortFile* file) {
  std::lock_guard<std::mutex> lock(mutex);
  for (auto& item : items_) {
    if (item->file == file) detach(item.get());
  }
  items_.erase(std::remove_if(items_.begin(), items_.end(), [&](auto& item) { return item->file == file; }),
               items_.end());
}

void EpollSet::clear() {
  std::lock_guard<std::mutex> lock(mutex);
  for (auto& item : items_) detach(item.get());
  items_.clear();
}

void forget_in_epoll(const PortFile* file) {
  for (EpollSet* set : all_sets()) set->forget(file);
}

void lock_epoll_sets() {
  for (EpollSet* set : all_sets()) set->mutex.lock();
}
void unlock_epoll_sets() {
  for (EpollSet* set : all_sets()) set->mutex.unlock();
}

}  // namespace nm
