#include "csb_device.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

#if __has_include(<sys/eventfd.h>)
#include <sys/eventfd.h>
#endif

#include "../base/clock.h"

namespace nm {
namespace {

constexpr short kIn = POLLIN | POLLRDNORM;
constexpr short kOut = POLLOUT | POLLWRNORM;
// Where nobody can tell us (systems without eventfds), or the loop has been given other eventfds than ours.
constexpr int kLookIntervalMs = 100;
// What netmap asks of the arrays.
constexpr size_t kEntryAlignment = 64;

uint32_t load(const uint32_t& word) {
  return __atomic_load_n(&word, __ATOMIC_ACQUIRE);
}
void store(uint32_t& word, uint32_t value) {
  __atomic_store_n(&word, value, __ATOMIC_RELEASE);
}

int new_eventfd() {
#if __has_include(<sys/eventfd.h>)
  return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
#else
  return -1;
#endif
}

void kick(int fd) {
  const uint64_t one = 1;
  if (fd >= 0) (void)!write(fd, &one, sizeof one);
}

}  // namespace

Status CsbDevice::enable(std::unique_ptr<Device>* bare, std::shared_ptr<Mapping> region,
                         const std::vector<uint64_t>& rings, size_t tx_rings, bool pushes,
                         std::unique_ptr<CsbDevice>* out) {
  std::shared_ptr<Mapping> arrays;
  Status status =
      Mapping::reserve(std::max<size_t>(rings.size(), 1) * 2 * sizeof(nm_csb_atok), kEntryAlignment, &arrays);
  if (!status.ok()) return status;
  std::unique_ptr<CsbDevice> device(new CsbDevice(std::move(region), std::move(arrays), pushes));
  auto* to = reinterpret_cast<nm_csb_atok*>(device->arrays_->base());
  auto* from = reinterpret_cast<nm_csb_ktoa*>(to + rings.size());
  device->kick_ = new_eventfd();
  device->told_ = new_eventfd();
  for (size_t i = 0; i < rings.size(); ++i) {
    const Mapping& memory = *device->region_;
    auto* ring = reinterpret_cast<netmap_ring*>(memory.base() + rings[i]);
    if (rings[i] % 8 != 0 || rings[i] > memory.size() || sizeof(netmap_ring) > memory.size() - rings[i]) {
      return Status::failure(EINVAL, "CSB_ENABLE", "a ring lies outside of the region");
    }
    device->rings_.push_back({ring, load(ring->num_slots), to + i, from + i, i < tx_rings, device->kick_});
  }
  device->bare_ = std::move(*bare);
  status = device->reset();
  if (!status.ok()) {
    *bare = std::move(device->bare_);
    return status;
  }
  *out = std::move(device);
  return status;
}

CsbDevice::~CsbDevice() {
  if (kick_ >= 0) close(kick_);
  if (told_ >= 0) close(told_);
}

Status CsbDevice::reset() {
  nmreq_opt_csb option = {};
  option.nro_opt.nro_reqtype = NETMAP_REQ_OPT_CSB;
  option.csb_atok = reinterpret_cast<uint64_t>(arrays_->base());
  option.csb_ktoa = option.csb_atok + rings_.size() * sizeof(nm_csb_atok);
  nmreq_header header = {};
  header.nr_version = kApi;
  header.nr_reqtype = NETMAP_REQ_CSB_ENABLE;
  header.nr_options = reinterpret_cast<uint64_t>(&option);
  Status status = bare_->control(&header);
  if (!status.ok()) return status;
  for (Ring& r : rings_) {
    // Nobody waits for news yet. The rings' own indices are nobody's but the application's from here on.
    store(r.to->appl_need_kick, 0);
    store(r.ring->head, load(r.to->head));
    store(r.ring->cur, load(r.to->cur));
    store(r.ring->tail, load(r.from->hwtail));
  }
  return status;
}

void CsbDevice::kick_by(const std::vector<int>& fds) {
  for (size_t i = 0; i < rings_.size() && i < fds.size(); ++i) {
    rings_[i].kick = fds[i];
    rings_[i].kicked = false;
    // The last loop may have left it otherwise, and the kernel's does not mind in direct mode, where nothing moves
    // then.
    store(rings_[i].from->kern_need_kick, 1);
  }
}

void CsbDevice::kick_again() noexcept {
  for (const Ring& r : rings_) {
    if (!r.kicked) continue;
    const bool idle = r.tx ? load(r.to->head) != load(r.from->hwcur) : load(r.from->hwtail) == r.tail_then;
    if (idle) kick(r.kick);
  }
}

// What a sync is in CSB mode: the device learns our indices, and we its. True when it is to be kicked.
bool CsbDevice::exchange(Ring& r) noexcept {
  const uint32_t head = load(r.ring->head), cur = load(r.ring->cur);
  if (load(r.to->head) != head || load(r.to->cur) != cur) {
    // In this order: the device loads head before cur, and must never find one that has overtaken the other.
    store(r.to->cur, cur);
    store(r.to->head, head);
    // Against the loop's own order: it first asks for kicks, then looks at head again.
    std::atomic_thread_fence(std::memory_order_seq_cst);
  }
  const uint32_t tail = load(r.from->hwtail), hwcur = load(r.from->hwcur);
  if (tail < r.slots) store(r.ring->tail, tail);
  return (head != hwcur || cur == tail) && load(r.from->kern_need_kick) != 0;
}

void CsbDevice::exchange_all(bool tx) noexcept {
  int kicked = -1;
  bool any = false;
  for (Ring& r : rings_) {
    if (r.tx != tx || !exchange(r) || r.kick < 0) continue;
    r.kicked = true;
    r.tail_then = load(r.from->hwtail);
    if (r.kick != kicked) kick(r.kick);
    kicked = r.kick;
    any = true;
  }
  if (!any) return;
  // In direct mode the device has done its work by now, in the write.
  for (Ring& r : rings_) {
    const uint32_t tail = load(r.from->hwtail);
    if (r.tx == tx && tail < r.slots) store(r.ring->tail, tail);
  }
}

int CsbDevice::txsync() noexcept {
  exchange_all(true);
  return 0;
}

int CsbDevice::rxsync() noexcept {
  exchange_all(false);
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  for (Ring& r : rings_) {
    if (r.tx) continue;
    r.ring->ts.tv_sec = now.tv_sec;
    r.ring->ts.tv_usec = now.tv_nsec / 1000;
  }
  return 0;
}

short CsbDevice::check(short events) noexcept {
  if (pushes_ || (events & kOut)) exchange_all(true);
  if (events & kIn) rxsync();
  short ready = 0;
  for (const Ring& r : rings_) {
    if (load(r.ring->cur) != load(r.ring->tail)) ready |= events & (r.tx ? kOut : kIn);
  }
  return ready;
}

void CsbDevice::want_news(short events, bool wanted) noexcept {
  for (Ring& r : rings_) {
    if (events & (r.tx ? kOut : kIn)) store(r.to->appl_need_kick, wanted);
  }
  std::atomic_thread_fence(std::memory_order_seq_cst);
}

int CsbDevice::poll(short events, int timeout_ms, short* revents) noexcept {
  *revents = check(events);
  if (*revents || timeout_ms == 0) return 0;
  const int64_t end = now_ms() + timeout_ms;
  do {
    arm(events, revents);
    if (*revents) return 0;
    const int64_t left = timeout_ms < 0 ? kLookIntervalMs : std::max<int64_t>(end - now_ms(), 0);
    pollfd told = {told_, POLLIN, 0};
    const int err = ::poll(&told, 1, static_cast<int>(std::min<int64_t>(left, kLookIntervalMs))) < 0 ? errno : 0;
    disarm();
    *revents = check(events);
    if (*revents) return 0;
    if (err) return err;
  } while (timeout_ms < 0 || now_ms() < end);
  return 0;
}

short CsbDevice::loop_events(short) const noexcept {
  return POLLIN;
}

int CsbDevice::arm(short events, short* ready) noexcept {
  want_news(events, true);
  *ready = check(events);
  if (*ready) disarm();
  return 0;
}

void CsbDevice::disarm() noexcept {
  want_news(kIn | kOut, false);
  uint64_t value;
  if (told_ >= 0) (void)!read(told_, &value, sizeof value);
}

}  // namespace nm
