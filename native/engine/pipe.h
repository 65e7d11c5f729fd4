// The pipe: frames go to the other end with their buffers, nothing is copied and nothing is lost.
#pragma once

#include "bells.h"
#include "data_path.h"
#include "monitors.h"

namespace nm {

class PipePath : public DataPath {
 public:
  PipePath(std::shared_ptr<Control> control, uint32_t peer)
      : bells_(control), monitors_(std::move(control), &bells_), peer_(peer) {}
  uint32_t tx(RingView& ring, uint32_t hwcur, uint32_t head) noexcept override;
  uint32_t rx(RingView& ring, uint32_t hwcur, uint32_t head) noexcept override;

 private:
  void show(const RingView& ring, uint32_t complete, uint64_t watched) noexcept;

  Bells bells_;
  PeerMonitors monitors_;
  uint32_t peer_;  // adapter of the other end
};

}  // namespace nm
