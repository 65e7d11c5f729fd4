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

 private:
  Status register_port(nmreq_header* header, nmreq_register* request);
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
  int door_ = -1;
};

// Sum over the rings of an adapter.
Counters adapter_counters(const Adapter& adapter);

}  // namespace nm
