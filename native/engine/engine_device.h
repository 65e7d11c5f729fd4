// The engine as a device: netmap's requests and syncs, served in this process.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "../abi/option.h"
#include "../device/device.h"
#include "control.h"
#include "csb.h"
#include "data_path.h"
#include "indirect.h"
#include "monitors.h"

namespace nm {

class EngineDevice : public Device {
 public:
  ~EngineDevice() override;

  const char* kind() const noexcept override { return "engine"; }
  Status control(nmreq_header* header) override;
  Status map(uint64_t size, std::shared_ptr<Mapping>* out) override;
  int txsync() noexcept override;
  int rxsync() noexcept override;
  int poll(short events, int timeout_ms, short* revents) noexcept override;
  int fd() const noexcept override { return door_; }
  short loop_events(short events) const noexcept override;
  int arm(short events, short* ready) noexcept override;
  void disarm() noexcept override;
  void allow_indirect(const void* base, size_t size) override { indirect_.allow(base, size); }
  bool counters(Counters* out) const noexcept override;

  // For those who hand a descriptor of the program's out (the preload library). All of it optional: register makes what
  // it needs.
  // Makes the descriptor and its door before a port is registered, as open("/dev/netmap") does. It outlives failed
  // attempts to register.
  Status open_descriptor();
  // Takes over (owns) a door that somebody else opened: received, or inherited across exec. ENODEV when it is none of
  // our folder's. After a failure the door stays the caller's.
  Status adopt(int door);
  // Whether a port is bound. Notices that another process which shares the descriptor has registered one.
  bool bound() noexcept;
  // Which descriptor of the folder this is: two doors of the same one are the same open file description.
  uint32_t descriptor() const { return descriptor_; }
  const std::shared_ptr<Region>& region() const { return region_; }
  // Asks for the door to be rung at the next change, whatever there is already.
  void listen(short events) noexcept;
  // Until when, in ns of the monotonic clock, it is better to look than to sleep: more is likely to come.
  int64_t look_until() const noexcept;
  // The addresses in slots and requests are a program's that was written for netmap: they may lead anywhere in this
  // process, and may be wrong. Where it matters that costs a frame or gives an error, and never a crash.
  void serve_program() {
    indirect_.allow_anything();
    program_ = true;
  }
  // Ends the sync loop that a thread of this process runs here, whatever other processes want. False when it is still
  // running after that time.
  bool end_loop(int timeout_ms) noexcept;
  bool stop_wanted() const noexcept { return quit_.load() || record_->loop_stop.load(); }

 private:
  Status register_port(nmreq_header* header, nmreq_register* request);
  Status take_binding();
  void drop_binding();
  Status bind_views();
  short check(short events) noexcept;
  Status enable_csb(nmreq_option* option);
  Status attach_csb(const nmreq_opt_csb& arrays);
  Status run_loop(nmreq_header* header);
  Status stop_loop();
  // In CSB mode neither syncs nor waits: a loop does both.
  bool csb_mode() const noexcept { return record_->csb.load(std::memory_order_relaxed) != 0; }

  std::shared_ptr<Control> control_;
  std::shared_ptr<Region> region_;
  std::unique_ptr<DataPath> path_;
  std::vector<RingView> tx_, rx_;
  std::unique_ptr<Bells> bells_;                     // of those who monitor our rings
  std::vector<std::unique_ptr<Monitors>> monitors_;  // one per ring
  IndirectRanges indirect_;
  Csb csb_;                        // guarded by record_->loop
  Descriptor* record_ = nullptr;   // of this descriptor, once bound
  std::atomic<bool> quit_{false};  // no loop shall run here any more
  std::atomic<int> loops_{0};      // threads of this process in run_loop()
  bool program_ = false;
  uint32_t descriptor_ = kNone;
  uint32_t adapter_ = kNone;
  uint64_t flags_ = 0;
  int64_t last_ready_ = 0;  // when poll() last had something to report, in ns
  int door_ = -1;
  bool opened_ = false;  // by open_descriptor() or adopt(): there before the port, and after a failure to register it
};

// Sum over the rings of an adapter.
Counters adapter_counters(const Adapter& adapter);

}  // namespace nm
