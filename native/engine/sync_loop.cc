#include "sync_loop.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

#include "../base/clock.h"
#include "door.h"
#include "engine_device.h"
#include "look.h"
#include "options.h"
#include "ring_sync.h"

namespace nm {

namespace {

constexpr int kMostDry = 2;  // rx syncs that bring nothing before a ring is left alone
// netmap stays with a ring as long as its application keeps it busy. Here the others, and whoever wants the loop to
// stop, get their turn.
constexpr int kMostRounds = 16;

bool is_eventfd(int fd) {
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  char name[64];
  const ssize_t length = readlink(link.c_str(), name, sizeof name);
  return length > 0 && std::string(name, static_cast<size_t>(length)).find("[eventfd]") != std::string::npos;
}

Status check_eventfd(int fd) {
  if (fd < 0 || is_eventfd(fd)) return {};
  const int error = fcntl(fd, F_GETFD) < 0 ? EBADF : EINVAL;
  return Status::failure(error, "SYNC_KLOOP_START", "descriptor " + std::to_string(fd) + " is no eventfd");
}

void signal(int eventfd) {
  const uint64_t one = 1;
  if (eventfd >= 0) (void)!write(eventfd, &one, sizeof one);
}

// What the other side of a ring has done to it: rx slots filled, tx slots of a pipe taken.
uint32_t others_mark(const RingView& r, bool tx) {
  if (!tx) return r.kring->hwtail.load(std::memory_order_acquire);
  return r.peer ? r.peer->hwcur.load(std::memory_order_acquire) : 0;
}

// Naps as short as asked for: by default the system takes 50 us more. For the thread, and back again.
class PreciseTimers {
 public:
  PreciseTimers() : before_(prctl(PR_GET_TIMERSLACK)) { prctl(PR_SET_TIMERSLACK, 1); }
  ~PreciseTimers() {
    if (before_ > 0) prctl(PR_SET_TIMERSLACK, before_);
  }
  PreciseTimers(const PreciseTimers&) = delete;
  PreciseTimers& operator=(const PreciseTimers&) = delete;

 private:
  const int before_;
};

}  // namespace

Status LoopOptions::read(nmreq_header* header, uint32_t rings) {
  auto fail = [](nmreq_option* option, Status status) {
    option->nro_status = static_cast<uint32_t>(status.err);
    return status;
  };
  if (auto* option = find_option(header, NETMAP_REQ_OPT_SYNC_KLOOP_MODE)) {
    const uint32_t mode = reinterpret_cast<nmreq_opt_sync_kloop_mode*>(option)->mode;
    if (mode & ~(NM_OPT_SYNC_KLOOP_DIRECT_TX | NM_OPT_SYNC_KLOOP_DIRECT_RX)) {
      return fail(option, Status::failure(EINVAL, "SYNC_KLOOP_START", "unknown mode " + std::to_string(mode)));
    }
    direct_tx = mode & NM_OPT_SYNC_KLOOP_DIRECT_TX;
    direct_rx = mode & NM_OPT_SYNC_KLOOP_DIRECT_RX;
    option->nro_status = 0;
  }
  auto* option = find_option(header, NETMAP_REQ_OPT_SYNC_KLOOP_EVENTFDS);
  if (!option) return {};
  const uint64_t size = sizeof(nmreq_opt_sync_kloop_eventfds) + rings * sizeof(Pair);
  if (option->nro_size != size) {
    return fail(option, Status::failure(EINVAL, "SYNC_KLOOP_START",
                                        "eventfds for each of the " + std::to_string(rings) + " rings take " +
                                            std::to_string(size) + " bytes, not " + std::to_string(option->nro_size)));
  }
  const Pair* pairs = reinterpret_cast<nmreq_opt_sync_kloop_eventfds*>(option)->eventfds();
  eventfds.assign(pairs, pairs + rings);
  kicks = std::all_of(eventfds.begin(), eventfds.end(), [](const Pair& p) { return p.ioeventfd >= 0; });
  if (!kicks && (direct_tx || direct_rx)) {
    return fail(option, Status::failure(EINVAL, "SYNC_KLOOP_START", "direct mode needs an eventfd to kick every ring"));
  }
  option->nro_status = 0;
  for (const Pair& pair : eventfds) {
    Status s = check_eventfd(pair.irqfd);
    if (s.ok() && kicks) s = check_eventfd(pair.ioeventfd);
    if (!s.ok()) return s;
  }
  return {};
}

SyncLoop::SyncLoop(EngineDevice& device, DataPath& path, const Csb& csb, const LoopOptions& options,
                   std::vector<RingView>& tx, std::vector<RingView>& rx)
    : device_(device), path_(path), csb_(csb), options_(options) {
  uint32_t entry = 0;
  for (bool is_tx : {true, false}) {
    for (RingView& view : is_tx ? tx : rx) {
      Ring ring{&view, entry, is_tx, is_tx ? options.direct_tx : options.direct_rx};
      if (!options.eventfds.empty()) {
        ring.irq = options.eventfds[entry].irqfd;
        ring.kick = options.kicks ? options.eventfds[entry].ioeventfd : -1;
      }
      ring.mark = others_mark(view, is_tx);
      rings_.push_back(ring);
      ++entry;
    }
  }
}

SyncLoop::~SyncLoop() {
  if (epoll_ >= 0) close(epoll_);
}

Status SyncLoop::run() {
  PreciseTimers precise;
  Status s = options_.kicks ? watch() : Status{};
  if (!s.ok()) return s;
  // The last loop may have left it otherwise, and direct rings move when they are kicked only.
  for (const Ring& ring : rings_) {
    if (ring.direct) want_kicks(ring, true);
  }
  const bool looks = several_processors() && (!options_.direct_tx || !options_.direct_rx);
  int64_t until = 0;
  while (!error_ && !device_.stop_wanted()) {
    const bool worked = pass();
    if (!options_.kicks) {
      nap();
    } else if (worked) {
      if (looks) until = now_ns() + kLookNs;
    } else if (looks && now_ns() < until) {
      sched_yield();
    } else {
      sleep();
    }
  }
  if (error_) return Status::failure(error_, "SYNC_KLOOP_START", "the arrays of CSB mode are not there any more");
  return {};
}

// Whatever changes once we listen rings the door or is a kick. What changed before shows in one more pass, which asks
// for the kicks.
void SyncLoop::sleep() {
  device_.listen(POLLIN | POLLOUT);
  kicks_wanted_ = true;
  const bool worked = pass();
  kicks_wanted_ = false;
  if (worked || error_ || device_.stop_wanted()) return device_.disarm();
  forward();
  wait();
  forward();
}

// Kicks are seen as they come (EPOLLET) and not taken out of the eventfds, which belong to the application.
Status SyncLoop::watch() {
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0) return Status::failure(errno, "epoll_create1");
  auto add = [this](int fd, uint32_t events, uint32_t name) {
    epoll_event event{};
    event.events = events;
    event.data.u32 = name;
    // Several rings may share an eventfd: whoever kicks one kicks all.
    return epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0 || errno == EEXIST;
  };
  bool good = add(device_.fd(), EPOLLIN, 0);
  for (const Ring& ring : rings_) good &= add(ring.kick, EPOLLIN | EPOLLET, static_cast<uint32_t>(ring.kick) + 1);
  return good ? Status{} : Status::failure(errno, "epoll_ctl");
}

// Every ring once. True when something has moved, and so more may have come.
bool SyncLoop::pass() {
  bool worked = false;
  for (Ring& ring : rings_) {
    if (ring.direct && !ring.kicked) continue;
    ring.kicked = false;
    worked |= sync(ring);
  }
  return worked;
}

bool SyncLoop::sync(Ring& ring) {
  RobustLock::Hold guard(ring.view->kring->guard, 0);
  if (!guard.held()) return false;
  if (ring.view->region) ring.view->region->catch_up();
  ring.mark = others_mark(*ring.view, ring.tx);
  return ring.tx ? sync_tx(ring) : sync_rx(ring);
}

bool SyncLoop::read(const Ring& ring, CsbIndices* user) {
  if (!csb_.read(ring.entry, user)) error_ = EFAULT;
  return !error_;
}

void SyncLoop::want_kicks(const Ring& ring, bool wanted) {
  if (!csb_.want_kicks(ring.entry, wanted)) error_ = EFAULT;
}

void SyncLoop::tell(const Ring& ring, bool* news) {
  if (!*news || ring.irq < 0) return;
  // Against the application's own order: it first asks to be told, then looks at our indices again.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (!csb_.wants_kicks(ring.entry)) return;
  signal(ring.irq);
  *news = false;
}

// A direct ring is not synced when packets come. Its application is told, and kicks.
void SyncLoop::forward() {
  for (Ring& ring : rings_) {
    if (!ring.direct) continue;
    const uint32_t mark = others_mark(*ring.view, ring.tx);
    if (mark == ring.mark) continue;
    ring.mark = mark;
    signal(ring.irq);
  }
}

bool SyncLoop::sync_tx(Ring& ring) {
  RingView& r = *ring.view;
  bool news = false, worked = false;
  CsbIndices user;
  r.offsets.refresh(*r.kring, r.buf_size);
  if (!ring.direct) want_kicks(ring, false);
  if (!read(ring, &user)) return false;
  for (int round = 0; round < kMostRounds; ++round) {
    const Taken taken = accept_tx(r, user.head, user.cur);
    if (!taken.valid) {
      reinit(r);
      if (kicks_wanted_) want_kicks(ring, true);
      break;
    }
    worked |= taken.hwcur != taken.head;
    const uint32_t tail = run_tx(r, path_, taken) & ~kSyncFailed;
    if (!csb_.show(ring.entry, taken.head, tail)) error_ = EFAULT;
    if (r.kring->rtail.load(std::memory_order_relaxed) != tail) {
      r.kring->rtail.store(tail, std::memory_order_relaxed);
      news = worked = true;
    }
    tell(ring, &news);
    if (!read(ring, &user)) return false;
    if (user.head == taken.head) {
      if (!kicks_wanted_) break;
      // Nothing more to send: from here on the application has to say when there is.
      want_kicks(ring, true);
      std::atomic_thread_fence(std::memory_order_seq_cst);
      if (!read(ring, &user)) return false;
      if (user.head == taken.head) break;
      want_kicks(ring, false);
    } else if (taken.head == tail) {
      break;  // nothing more can be sent; the other side will ring when that changes
    }
  }
  tell(ring, &news);
  return worked;
}

bool SyncLoop::sync_rx(Ring& ring) {
  RingView& r = *ring.view;
  bool news = false, worked = false;
  CsbIndices user;
  auto no_room = [&] { return r.kring->hwtail.load(std::memory_order_acquire) == r.prev(user.head); };
  if (!ring.direct) want_kicks(ring, false);
  if (!read(ring, &user)) return false;
  for (int round = 0, dry = 0; round < kMostRounds; ++round) {
    const Taken taken = accept_rx(r, user.head, user.cur);
    if (!taken.valid) {
      reinit(r);
      if (kicks_wanted_) want_kicks(ring, true);
      break;
    }
    worked |= taken.hwcur != taken.head;
    const uint32_t tail = run_rx(r, path_, taken) & ~kSyncFailed;
    if (r.region) r.region->catch_up();  // the buffers of what is shown now
    if (!csb_.show(ring.entry, taken.head, tail)) error_ = EFAULT;
    if (r.kring->rtail.load(std::memory_order_relaxed) != tail) {
      r.kring->rtail.store(tail, std::memory_order_relaxed);
      news = worked = true;
      dry = 0;
    } else {
      ++dry;
    }
    tell(ring, &news);
    if (!read(ring, &user)) return false;
    if (no_room()) {
      if (!kicks_wanted_) break;
      // Nothing more can be received: from here on the application has to say when it can.
      want_kicks(ring, true);
      std::atomic_thread_fence(std::memory_order_seq_cst);
      if (!read(ring, &user)) return false;
      if (no_room()) break;
      want_kicks(ring, false);
    } else if (tail == taken.head || dry >= kMostDry) {
      break;  // nothing more to receive; whoever sends more will ring
    }
  }
  tell(ring, &news);
  return worked;
}

void SyncLoop::nap() {
  if (options_.sleep_us == 0) {
    sched_yield();
    return;
  }
  // At the door, so that whoever wants the loop to stop need not wait for it.
  const timespec time{static_cast<time_t>(options_.sleep_us / 1000000),
                      static_cast<long>(options_.sleep_us % 1000000) * 1000};
  pollfd door{device_.fd(), POLLIN, 0};
  if (ppoll(&door, 1, &time, nullptr) > 0) quiet_door(device_.fd());
}

void SyncLoop::wait() {
  epoll_event events[16];
  const int n = epoll_wait(epoll_, events, 16, kLookAgainMs);
  if (n < 0 && errno != EINTR) error_ = errno;
  for (int i = 0; i < n; ++i) {
    for (Ring& ring : rings_) ring.kicked |= events[i].data.u32 == static_cast<uint32_t>(ring.kick) + 1;
  }
  device_.disarm();
  quiet_door(device_.fd());
}

}  // namespace nm
