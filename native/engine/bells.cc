#include "bells.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "door.h"
#include "fault.h"

namespace nm {

namespace {
constexpr size_t kMostOpen = 256;  // doors kept open per device
}

Bells::~Bells() {
  for (const Bell& b : bells_) close(b.fd);
}

void Bells::wake_sleepers(Kring& kring, uint32_t adapter) noexcept {
  NM_FAULT(kBellSeen);
  if (!kring.asleep.exchange(0) || adapter >= control_->adapters()) return;
  for (auto& bound : control_->adapter(adapter).bound) {
    const uint32_t i = bound.load(std::memory_order_relaxed);
    if (i >= control_->descriptors()) continue;
    if (control_->descriptor(i).sleeping.exchange(0)) {
      NM_FAULT(kBellRung);
      ring(i);
    }
  }
}

void Bells::ring(uint32_t descriptor) noexcept {
  const uint32_t generation = control_->descriptor(descriptor).generation.load();
  for (size_t k = 0; k < bells_.size(); ++k) {
    if (bells_[k].descriptor != descriptor) continue;
    if (bells_[k].generation == generation) return ring_bell(bells_[k].fd);
    close(bells_[k].fd);
    bells_[k] = bells_.back();
    bells_.pop_back();
    break;
  }
  const std::string path = control_->path("door." + std::to_string(descriptor));
  int fd = open_bell(path);
  while (fd < 0 && (errno == EMFILE || errno == ENFILE) && !bells_.empty()) {
    close(bells_.back().fd);
    bells_.pop_back();
    fd = open_bell(path);
  }
  if (fd < 0) return;  // gone, or no descriptor left: sleepers look again by themselves now and then
  ring_bell(fd);
  if (bells_.size() >= kMostOpen) {
    close(bells_.front().fd);
    bells_.front() = bells_.back();
    bells_.pop_back();
  }
  bells_.push_back({descriptor, generation, fd});
}

}  // namespace nm
