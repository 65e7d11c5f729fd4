// CSB mode and its sync loop: the requests of a descriptor about them.
#include <time.h>
#include <unistd.h>

#include <cerrno>

#include "door.h"
#include "engine_device.h"
#include "fault_guard.h"
#include "options.h"
#include "sync_loop.h"

namespace nm {

namespace {

constexpr uint32_t kMostSleepUs = 1000000;
constexpr int kStopMs = 3000;  // a loop ends at once, unless its process is stopped
constexpr int kLookUs = 100;

Status no_port(const char* call) {
  return Status::failure(ENXIO, call, "no port is registered on this descriptor");
}

}  // namespace

// Null: the request came without the option.
Status EngineDevice::enable_csb(nmreq_option* option) {
  if (!option) return Status::failure(EINVAL, "CSB_ENABLE", "the option with the arrays is missing");
  Status s = attach_csb(*reinterpret_cast<nmreq_opt_csb*>(option));
  option->nro_status = static_cast<uint32_t>(s.err);
  return s;
}

Status EngineDevice::attach_csb(const nmreq_opt_csb& arrays) {
  const uint32_t rings = path_ ? static_cast<uint32_t>(tx_.size() + rx_.size()) : 0;
  if (rings == 0) return {};  // nothing to put there
  RobustLock::Hold loop(record_->loop, 0);
  if (!loop.held()) return Status::failure(EBUSY, "CSB", "a sync loop is running with the present arrays: stop it");
  if (!(flags_ & NR_EXCLUSIVE)) {
    return Status::failure(EINVAL, "CSB", "CSB mode needs the port for itself: register it with NR_EXCLUSIVE");
  }
  Status s = Csb::attach(arrays.csb_atok, arrays.csb_ktoa, rings, &csb_);
  if (!s.ok()) return s;
  uint32_t entry = 0;
  for (const std::vector<RingView>* views : {&tx_, &rx_}) {
    for (const RingView& r : *views) {
      const Kring& k = *r.kring;
      csb_.begin(entry++, {k.rhead.load(), k.rcur.load()}, k.hwcur.load(), k.hwtail.load());
    }
  }
  record_->csb.store(1);
  return {};
}

Status EngineDevice::run_loop(nmreq_header* header) {
  const char* call = "SYNC_KLOOP_START";
  const auto* request = reinterpret_cast<nmreq_sync_kloop_start*>(header->nr_body);
  if (!request) return Status::failure(EINVAL, call, "the request has no body");
  if (request->sleep_us > kMostSleepUs) {
    return Status::failure(EINVAL, call, "sleep_us is " + std::to_string(request->sleep_us) + ", at most a second");
  }
  if (!path_) return no_port(call);
  if (!csb_mode()) return Status::failure(EINVAL, call, "the port is not in CSB mode");
  RobustLock::Hold running(record_->loop, 0);
  if (!running.held()) return Status::failure(EBUSY, call, "a sync loop is running already");
  LoopOptions options;
  options.sleep_us = request->sleep_us;
  Status s = csb_.on() ? options.read(header, static_cast<uint32_t>(tx_.size() + rx_.size()))
                       : Status::failure(EINVAL, call, "the arrays of CSB mode are those of another process");
  if (s.ok()) {
    if (program_) FaultGuard::install();
    ++loops_;
    s = SyncLoop(*this, *path_, csb_, options, tx_, rx_).run();
    --loops_;
  }
  record_->loop_stop.store(0);
  return s;
}

// Without a loop the next one ends at once, as netmap has it: whoever stops a loop that is about to begin means it.
Status EngineDevice::stop_loop() {
  if (!path_) return no_port("SYNC_KLOOP_STOP");
  record_->loop_stop.store(1);
  ring_bell(door_);
  for (int us = 0; record_->loop.held(); us += kLookUs) {
    if (us >= kStopMs * 1000) {
      return Status::failure(ETIMEDOUT, "SYNC_KLOOP_STOP", "the process that runs the loop is stopped; continue it");
    }
    usleep(kLookUs);
  }
  return {};
}

bool EngineDevice::end_loop(int timeout_ms) noexcept {
  quit_.store(true);
  if (loops_.load() > 0) ring_bell(door_);
  for (int us = 0; loops_.load() > 0 && us < timeout_ms * 1000; us += kLookUs) usleep(kLookUs);
  return loops_.load() == 0;
}

}  // namespace nm
