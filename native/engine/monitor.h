// The monitor: a port that only receives, what other descriptors of this machine move through the port that it watches.
#pragma once

#include "control.h"
#include "data_path.h"

namespace nm {

class MonitorPath : public DataPath {
 public:
  MonitorPath(std::shared_ptr<Control> control, uint32_t adapter)
      : control_(std::move(control)), adapter_(control_->adapter(adapter)) {}
  // Sends nothing, and is an error for poll(2).
  uint32_t tx(RingView& ring, uint32_t hwcur, uint32_t head) noexcept override;
  // An error once the port that it watches has gone. What was received until then can still be read.
  uint32_t rx(RingView& ring, uint32_t hwcur, uint32_t head) noexcept override;

 private:
  bool ended() const { return adapter_.parent.load(std::memory_order_relaxed) == kNone; }
  void look_for_dead_parent() noexcept;

  std::shared_ptr<Control> control_;
  Adapter& adapter_;
  int64_t last_look_ = 0;
};

}  // namespace nm
