#include "kloop.h"

#include <cstring>
#include <set>
#include <utility>

#include "port.h"

#ifndef _WIN32
#include <pthread.h>
#include <signal.h>
#endif

namespace nm {
namespace {

using Pair = nmreq_opt_sync_kloop_eventfds::Pair;

// Signals are Node's affair: one that were meant for a loop's thread would keep the kernel's loop from sleeping.
class NoSignals {
 public:
#ifdef _WIN32
  NoSignals() = default;
#else
  NoSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~NoSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
#endif
};

// process.exit() of the main thread runs no cleanup hooks, and the kernel's loop outlives even SIGKILL: loops that are
// still there are ended when C's exit handlers run.
class RunningLoops {
 public:
  static RunningLoops& of_process() {
    static RunningLoops loops;
    return loops;
  }
  void add(Kloop* loop) {
    std::lock_guard<std::mutex> lock(mutex_);
    loops_.insert(loop);
  }
  void remove(Kloop* loop) {
    std::lock_guard<std::mutex> lock(mutex_);
    loops_.erase(loop);
  }
  ~RunningLoops() {
    std::lock_guard<std::mutex> lock(mutex_);
    for (Kloop* loop : loops_) loop->end_at_exit();
  }

 private:
  std::mutex mutex_;
  std::set<Kloop*> loops_;
};

}  // namespace

Kloop::Kloop(Device* device, NativePort* port, KloopOptions options)
    : device_(device), port_(port), options_(std::move(options)) {}

Kloop* Kloop::start(std::shared_ptr<Environment> environment, NativePort* port, Device* device, KloopOptions options,
                    Status* status) {
  std::unique_ptr<Kloop> loop(new Kloop(device, port, std::move(options)));
  const int error = uv_async_init(environment->loop(), &loop->async_, on_async);
  if (error != 0) {
    *status = Status::failure(-error, "uv_async_init");
    return nullptr;
  }
  Kloop* self = loop.release();  // libuv knows it
  self->async_.data = self;
  self->environment_ = std::move(environment);
  NoSignals quiet;
  const int failed = uv_thread_create(&self->thread_, [](void* it) { static_cast<Kloop*>(it)->run(); }, self);
  if (failed == 0) {
    RunningLoops::of_process().add(self);
    return self;
  }
  *status = Status::failure(-failed, "pthread_create", "no thread for the sync loop");
  self->free();
  return nullptr;
}

Status Kloop::request(uint16_t type, void* body, nmreq_option* option) {
  nmreq_header header = {};
  header.nr_version = kApi;
  header.nr_reqtype = type;
  header.nr_body = reinterpret_cast<uint64_t>(body);
  header.nr_options = reinterpret_cast<uint64_t>(option);
  return device_->control(&header);
}

void Kloop::run() {
  nmreq_sync_kloop_start body = {options_.sleep_us, 0};
  // Options are lists with a tail: the pairs follow their header.
  const size_t size = sizeof(nmreq_opt_sync_kloop_eventfds) + options_.eventfds.size() * sizeof(Pair);
  std::vector<uint64_t> block((size + 7) / 8);
  auto* eventfds = reinterpret_cast<nmreq_opt_sync_kloop_eventfds*>(block.data());
  eventfds->nro_opt.nro_reqtype = NETMAP_REQ_OPT_SYNC_KLOOP_EVENTFDS;
  eventfds->nro_opt.nro_size = size;
  if (!options_.eventfds.empty()) {
    memcpy(eventfds->eventfds(), options_.eventfds.data(), options_.eventfds.size() * sizeof(Pair));
  }
  nmreq_opt_sync_kloop_mode mode = {};
  mode.nro_opt.nro_reqtype = NETMAP_REQ_OPT_SYNC_KLOOP_MODE;
  mode.mode = options_.mode;
  mode.nro_opt.nro_next = reinterpret_cast<uint64_t>(&eventfds->nro_opt);
  status_ = request(NETMAP_REQ_SYNC_KLOOP_START, &body, options_.mode ? &mode.nro_opt : &eventfds->nro_opt);
  std::lock_guard<std::mutex> lock(mutex_);
  ended_.store(true, std::memory_order_release);
  if (!abandoned_) uv_async_send(&async_);
}

int Kloop::stop() {
  if (stopping_ || ended_.load(std::memory_order_acquire)) return 0;
  NoSignals quiet;
  auto ask = [](void* it) { (void)static_cast<Kloop*>(it)->request(NETMAP_REQ_SYNC_KLOOP_STOP, nullptr, nullptr); };
  const int error = uv_thread_create(&stopper_, ask, this);
  stopping_ = error == 0;
  return error;
}

void Kloop::on_async(uv_async_t* async) {
  auto* loop = static_cast<Kloop*>(async->data);
  if (loop->port_ && loop->ended_.load(std::memory_order_acquire)) loop->port_->loop_ended(loop->status_);
}

bool Kloop::close() {
  RunningLoops::of_process().remove(this);
  port_ = nullptr;
  if (!ended_.load(std::memory_order_acquire)) {
    const Status status = request(NETMAP_REQ_SYNC_KLOOP_STOP, nullptr, nullptr);
    std::lock_guard<std::mutex> lock(mutex_);
    abandoned_ = !status.ok() && !ended_.load();
  }
  if (!abandoned_) {
    uv_thread_join(&thread_);
    if (stopping_) uv_thread_join(&stopper_);
  }
  const bool good = !abandoned_;
  free();
  return good;
}

void Kloop::end_at_exit() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (ended_.load()) return;
    abandoned_ = true;
  }
  (void)request(NETMAP_REQ_SYNC_KLOOP_STOP, nullptr, nullptr);
}

void Kloop::free() {
  environment_->handle_closing();
  uv_close(handle(), [](uv_handle_t* closed) {
    auto* loop = static_cast<Kloop*>(closed->data);
    std::shared_ptr<Environment> environment = std::move(loop->environment_);
    // A thread that could not be ended goes on using this object.
    if (!loop->abandoned_) delete loop;
    environment->handle_closed();
  });
}

}  // namespace nm
