// The engine as a device: netmap's requests and syncs, served in this process.
#pragma once

#include <memory>
#include <vector>

#include "../device/device.h"
#include "control.h"
#include "data_path.h"
#include "indirect.h"

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
  // Lets NS_INDIRECT slots point anywhere in this process. An address that cannot be read costs its frame.
  void allow_indirect_anywhere() { indirect_.allow_anything(); }

 private:
  Status register_port(nmreq_header* header, nmreq_register* request);
  Status take_binding();
  void drop_binding();
  Status bind_views();
  short check(short events) noexcept;

  std::shared_ptr<Control> control_;
  std::shared_ptr<Region> region_;
  std::unique_ptr<DataPath> path_;
  std::vector<RingView> tx_, rx_;
  IndirectRanges indirect_;
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
