#include "engine_device.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "../base/clock.h"
#include "directory.h"
#include "door.h"
#include "extmem.h"
#include "fault.h"
#include "look.h"
#include "monitor.h"
#include "null.h"
#include "offsets.h"
#include "options.h"
#include "pipe.h"
#include "requests.h"
#include "ring_sync.h"
#include "unattached.h"
#include "vale.h"

namespace nm {

namespace {

constexpr short kIn = POLLIN | POLLRDNORM;
constexpr short kOut = POLLOUT | POLLWRNORM;

}  // namespace

Status open_engine(std::unique_ptr<Device>* out) {
  out->reset(new EngineDevice);
  return {};
}

EngineDevice::~EngineDevice() {
  path_.reset();
  if (door_ < 0) return;
  Control::Hold lock(*control_);
  if (lock.status().ok()) control_->descriptor(descriptor_).pid.store(0);  // no death: see Directory::remember()
  close(door_);  // the descriptor dies here, unless another process has inherited it
  if (lock.status().ok()) Directory(*control_).sweep(true);
}

Status EngineDevice::control(nmreq_header* header) {
  if (header->nr_version < kMinApi || header->nr_version > kMaxApi) {
    return Status::failure(EINVAL, "NIOCCTRL",
                           "request of API " + std::to_string(header->nr_version) + ", the engine speaks " +
                               std::to_string(kMinApi) + " to " + std::to_string(kMaxApi));
  }
  if (header->nr_reserved != 0) return Status::failure(EINVAL, "NIOCCTRL", "nr_reserved must be 0");
  Status s = check_options(header);
  if (!s.ok()) return s;
  switch (header->nr_reqtype) {
    case NETMAP_REQ_REGISTER:
      break;
    case NETMAP_REQ_CSB_ENABLE:
      if (header->nr_body) return Status::failure(EINVAL, "NIOCCTRL", "the request takes no body");
      return enable_csb(find_option(header, NETMAP_REQ_OPT_CSB));
    case NETMAP_REQ_SYNC_KLOOP_START:
      return run_loop(header);
    case NETMAP_REQ_SYNC_KLOOP_STOP:
      if (header->nr_body) return Status::failure(EINVAL, "NIOCCTRL", "the request takes no body");
      return stop_loop();
    default:
      return serve_query(header);
  }
  auto* request = reinterpret_cast<nmreq_register*>(header->nr_body);
  if (!request) return Status::failure(EINVAL, "NIOCCTRL", "the request has no body");
  if (adapter_ != kNone) return Status::failure(EBUSY, "register", "this descriptor is bound to a port already");
  return register_port(header, request);
}

Status EngineDevice::register_port(nmreq_header* header, nmreq_register* request) {
  nmreq_register reply = *request;  // the caller's stays as it was if anything fails
  // A null port has nothing to watch: netmap ignores the wish.
  const bool monitor =
      reply.nr_mode != NR_REG_NULL && (reply.nr_flags & (NR_MONITOR_TX | NR_MONITOR_RX | NR_ZCOPY_MON));
  if (monitor && (reply.nr_flags & NR_ZCOPY_MON)) reply.nr_flags |= NR_MONITOR_TX | NR_MONITOR_RX;
  Extmem memory;
  Status s = memory.look(header);
  PortName name;
  if (s.ok()) s = PortName::parse(header->nr_name, reply.nr_mode, &name);
  if (!s.ok()) return s;
  if (reply.nr_mode == NR_REG_DEFAULT || reply.nr_mode > NR_REG_ONE_SW) {
    return Status::failure(EINVAL, "register", "invalid mode " + std::to_string(reply.nr_mode));
  }
  for (;;) {
    if (!opened_) s = Control::attach(true, &control_);
    if (!s.ok()) return s;
    Control::Hold lock(*control_);
    s = lock.status();
    if (s.err == ESTALE && !opened_) continue;  // the last port went while we came: begin a new file
    if (!s.ok()) return s;
    Directory directory(*control_);
    directory.sweep(false);
    if (opened_ && control_->descriptor(descriptor_).state.load() != static_cast<uint32_t>(DescriptorState::kOpen)) {
      return Status::failure(EBUSY, "register", "this descriptor is bound to a port already, by another process");
    }
    const Geometry geometry = directory.geometry(name, reply);
    uint32_t adapter = kNone;
    if (!opened_) s = directory.new_descriptor(&descriptor_, &door_);
    if (s.ok() && memory.wanted()) s = memory.provide(*control_, name, &reply.nr_mem_id);
    PortName bound = name;
    if (s.ok() && monitor) {
      s = directory.make_monitor(name, reply, &bound, &adapter);
    } else if (s.ok()) {
      s = directory.find_or_make(name, geometry, reply.nr_mem_id, reply.nr_extra_bufs, &adapter);
    }
    if (s.ok()) s = directory.bind(descriptor_, adapter, bound, &reply);
    const bool zero_copy = monitor && (reply.nr_flags & NR_ZCOPY_MON);
    if (s.ok()) s = zero_copy ? directory.take_offsets(adapter) : serve_offsets(*control_, descriptor_, header);
    if (s.ok() && monitor) directory.mark_watched();
    if (s.ok()) {
      adapter_ = adapter;
      flags_ = reply.nr_flags;
      s = bind_views();
    }
    nmreq_option* csb = find_option(header, NETMAP_REQ_OPT_CSB);
    if (s.ok() && csb) s = enable_csb(csb);
    if (s.ok()) s = all_served(header);
    if (s.ok()) s = memory.settle(*control_);
    if (!s.ok()) {  // whatever was begun has no living descriptor now
      drop_binding();
      if (opened_) {
        directory.unbind(descriptor_);
      } else {
        if (door_ >= 0) close(door_);
        door_ = -1;
      }
      directory.sweep(true);
      return s;
    }
    *request = reply;
    return s;
  }
}

Status EngineDevice::open_descriptor() {
  for (;;) {
    Status s = Control::attach(true, &control_);
    if (!s.ok()) return s;
    Control::Hold lock(*control_);
    s = lock.status();
    if (s.err == ESTALE) continue;
    if (!s.ok()) return s;
    Directory directory(*control_);
    directory.sweep(false);
    s = directory.new_descriptor(&descriptor_, &door_);
    opened_ = s.ok();
    return s;
  }
}

Status EngineDevice::adopt(int door) {
  Status none = Status::failure(ENODEV, "adopt", "not a door of the engine's folder");
  if (!Control::attach(false, &control_).ok()) return none;
  uint32_t index;
  if (!door_index(door, control_->folder(), &index)) return none;
  Control::Hold lock(*control_);
  if (!lock.status().ok()) return lock.status();
  if (index >= control_->descriptors()) return none;
  const uint32_t state = control_->descriptor(index).state.load();
  if (state == static_cast<uint32_t>(DescriptorState::kFree)) return none;
  descriptor_ = index;
  Status s;
  if (state == static_cast<uint32_t>(DescriptorState::kBound)) s = take_binding();
  if (!s.ok()) return s;
  door_ = door;
  opened_ = true;
  return s;
}

bool EngineDevice::bound() noexcept {
  if (path_ || !opened_) return path_ != nullptr;
  if (control_->descriptor(descriptor_).state.load() != static_cast<uint32_t>(DescriptorState::kBound)) return false;
  Control::Hold lock(*control_);
  return lock.status().ok() && take_binding().ok();
}

// From the record of a descriptor that is registered already; the control lock is held.
Status EngineDevice::take_binding() {
  const Descriptor& d = control_->descriptor(descriptor_);
  const uint32_t adapter = d.adapter.load();
  if (!Directory(*control_).live(adapter)) return Status::failure(EIO, "adopt", "the engine's tables are damaged");
  adapter_ = adapter;
  flags_ = d.flags.load();
  Status s = bind_views();
  if (!s.ok()) drop_binding();
  return s;
}

void EngineDevice::drop_binding() {
  adapter_ = kNone;
  path_.reset();
  monitors_.clear();
  region_.reset();
  csb_ = Csb{};
}

// Copies what the syncs need into private memory, checked against the region's size.
Status EngineDevice::bind_views() {
  Adapter& adapter = control_->adapter(adapter_);
  Descriptor& d = control_->descriptor(descriptor_);
  record_ = &d;
  Status s = control_->map_region(adapter.region.load(), &region_);
  if (!s.ok()) return s;
  const uint32_t kind = adapter.kind.load(), peer = adapter.peer.load();
  const bool pipe = kind == static_cast<uint32_t>(Kind::kPipe);
  const bool vale = kind == static_cast<uint32_t>(Kind::kVale);
  if (!bells_) bells_.reset(new Bells(control_));
  monitors_.clear();
  if (pipe && peer >= control_->adapters()) return Status::failure(EIO, "register", "the pipe has lost its other end");
  for (uint32_t dir : {kDirRx, kDirTx}) {
    std::vector<RingView>& views = dir == kDirTx ? tx_ : rx_;
    views.clear();
    for (uint32_t i = d.first[dir].load(); i < std::min(d.last[dir].load(), kMaxRings); ++i) {
      RingView v;
      v.region = region_.get();
      v.kring = &adapter.krings[dir][i];
      v.n = adapter.slots[dir].load();
      v.id = i;
      v.ring = region_->ring_at(v.kring->ring_ofs.load(), v.n);
      v.bufs = region_->buffers();
      v.buf_total = region_->plan().buf_total;
      v.buf_size = region_->plan().buf_size;
      bool good = v.ring && v.n > 0 && v.n <= kMaxSlots;
      if (good && pipe) {
        v.peer = &control_->adapter(peer).krings[1 - dir][i];
        netmap_ring* other = region_->ring_at(v.peer->ring_ofs.load(), v.n);
        if (other) v.peer_slots = other->slots();
        good = other != nullptr;
      }
      if (!good) return Status::failure(EIO, "register", "the engine's tables are damaged");
      v.slots = v.ring->slots();
      if (kind != static_cast<uint32_t>(Kind::kNull)) {
        monitors_.emplace_back(new Monitors(control_, adapter_, dir, i, bells_.get(), vale ? &indirect_ : nullptr));
        v.monitors = monitors_.back().get();
      }
      views.push_back(v);
    }
  }
  if (pipe) {
    path_.reset(new PipePath(control_, peer));
  } else if (kind == static_cast<uint32_t>(Kind::kNull)) {
    path_.reset(new NullPath);
  } else if (kind == static_cast<uint32_t>(Kind::kMonitor)) {
    path_.reset(new MonitorPath(control_, adapter_));
  } else {
    const uint32_t sw = adapter.switch_index.load(), port = adapter.port_index.load();
    if (sw == kNone && adapter.persistent.load()) {
      path_.reset(new UnattachedPath);
      return {};
    }
    if (sw >= control_->switches() || port >= control_->limits().ports) {
      return Status::failure(EIO, "register", "the engine's tables are damaged");
    }
    path_.reset(new ValePath(control_, sw, port, adapter_, &indirect_));
  }
  return {};
}

Status EngineDevice::map(uint64_t size, std::shared_ptr<Mapping>* out) {
  if (!region_ || size > region_->plan().memsize()) {
    return Status::failure(EINVAL, "mmap", region_ ? "more than the region's size" : "no port registered");
  }
  *out = region_->mapping();
  return {};
}

int EngineDevice::txsync() noexcept {
  if (!path_) return ENXIO;
  if (csb_mode()) return EBUSY;
  for (RingView& r : tx_) sync_tx(r, *path_);
  return 0;
}

int EngineDevice::rxsync() noexcept {
  if (!path_) return ENXIO;
  if (csb_mode()) return EBUSY;
  for (RingView& r : rx_) sync_rx(r, *path_);
  return 0;
}

// What poll(2) does on a netmap descriptor: syncs what is asked for, and sends what is pending in any case.
short EngineDevice::check(short events) noexcept {
  short ready = 0;
  bool error = false;
  const bool push = !(flags_ & NR_NO_TX_POLL);
  for (RingView& r : tx_) {
    if (events & kOut) {
      error |= !sync_tx(r, *path_);
      if (ring_ready(r)) ready |= events & kOut;
    } else if (push && __atomic_load_n(&r.ring->head, __ATOMIC_RELAXED) != r.kring->hwcur.load()) {
      error |= !sync_tx(r, *path_);
    }
  }
  if (events & kIn) {
    for (RingView& r : rx_) {
      error |= !sync_rx(r, *path_);
      if (ring_ready(r)) ready |= events & kIn;
    }
  }
  return error ? ready | POLLERR : ready;
}

int64_t EngineDevice::look_until() const noexcept {
  return several_processors() ? last_ready_ + kLookNs : 0;
}

int EngineDevice::poll(short events, int timeout_ms, short* revents) noexcept {
  if (!path_ || csb_mode()) {
    *revents = POLLERR;
    return 0;
  }
  *revents = check(events);
  if (!*revents && timeout_ms != 0) {
    for (const int64_t until = look_until(); !*revents && now_ns() < until;) *revents = check(events);
  }
  if (*revents) last_ready_ = now_ns();
  if (*revents || timeout_ms == 0) return 0;
  const int64_t deadline = timeout_ms < 0 ? 0 : now_ms() + timeout_ms;
  for (;;) {
    arm(events, revents);
    if (*revents) return 0;
    int64_t wait = timeout_ms < 0 ? kLookAgainMs : std::min<int64_t>(deadline - now_ms(), kLookAgainMs);
    if (wait < 0) wait = 0;
    pollfd p{door_, POLLIN, 0};
    const int n = ::poll(&p, 1, static_cast<int>(wait));
    const int err = n < 0 ? errno : 0;
    disarm();
    *revents = check(events);
    if (*revents) last_ready_ = now_ns();
    if (*revents) return 0;
    if (err) return err;
    if (timeout_ms > 0 && now_ms() >= deadline) return 0;
  }
}

short EngineDevice::loop_events(short) const noexcept {
  return POLLIN;
}

int EngineDevice::arm(short events, short* ready) noexcept {
  if (!path_ || csb_mode()) {
    *ready = POLLERR;
    return 0;
  }
  *ready = check(events);
  if (*ready) return 0;
  listen(events);
  *ready = check(events);
  if (*ready) disarm();
  return 0;
}

void EngineDevice::listen(short events) noexcept {
  if (!path_) return;
  Descriptor& d = control_->descriptor(descriptor_);
  d.sleeping.store(1);
  if (events & kIn) {
    for (RingView& r : rx_) r.kring->asleep.store(1);
  }
  if (events & kOut) {
    for (RingView& r : tx_) r.kring->asleep.store(1);
  }
  // Whoever publishes from here on rings; what was published before shows now.
  std::atomic_thread_fence(std::memory_order_seq_cst);
  NM_FAULT(kListening);
}

void EngineDevice::disarm() noexcept {
  if (!path_) return;
  if (control_->descriptor(descriptor_).sleeping.exchange(0) == 0) quiet_door(door_);
}

Counters adapter_counters(const Adapter& adapter) {
  Counters c;
  for (uint32_t dir : {kDirRx, kDirTx}) {
    for (uint32_t i = 0; i < std::min(adapter.rings[dir].load(), kMaxRings); ++i) {
      const Kring& k = adapter.krings[dir][i];
      c.tx_packets += k.sent_packets.load();
      c.tx_bytes += k.sent_bytes.load();
      c.rx_packets += k.packets.load();
      c.rx_bytes += k.bytes.load();
      c.drop_full += k.drop_full.load();
      c.drop_busy += k.drop_busy.load();
      c.drop_bad += k.drop_bad.load();
      c.drop_unroutable += k.drop_unroutable.load();
    }
  }
  return c;
}

bool EngineDevice::counters(Counters* out) const noexcept {
  if (adapter_ == kNone) return false;
  *out = adapter_counters(control_->adapter(adapter_));
  return true;
}

}  // namespace nm
