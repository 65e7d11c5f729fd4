// CSB mode: head, cur and the rest of each ring lie in two arrays of the application's, outside the rings, so that
// application and device can exchange them without a system call. A sync loop does the syncs then.
#pragma once

#include <cstdint>

#include "../abi/request.h"
#include "../device/status.h"

namespace nm {

// What an application says of one ring.
struct CsbIndices {
  uint32_t head = 0, cur = 0;
};

// The arrays, by addresses that may have been wrong from the beginning (then attach() fails) or go bad while they are
// in use (then the access fails): one entry per bound ring, tx rings first.
class Csb {
 public:
  // As netmap checks them: EINVAL for arrays that are not aligned to their entries, EFAULT for memory that cannot be
  // read, or not be written. The arrays from device to application are zeroed.
  static Status attach(uint64_t atok, uint64_t ktoa, uint32_t rings, Csb* out);
  bool on() const { return atok_ != nullptr; }

  // Entry `i` as netmap leaves it for a ring in this state: notifications are wanted in both directions.
  void begin(uint32_t i, CsbIndices user, uint32_t hwcur, uint32_t hwtail) const noexcept;
  bool read(uint32_t i, CsbIndices* out) const noexcept;
  bool show(uint32_t i, uint32_t hwcur, uint32_t hwtail) const noexcept;
  // Whether the application shall kick the device when it has changed its indices.
  bool want_kicks(uint32_t i, bool wanted) const noexcept;
  // Whether the application wants to be told when ours have changed.
  bool wants_kicks(uint32_t i) const noexcept;

 private:
  nm_csb_atok* atok_ = nullptr;
  nm_csb_ktoa* ktoa_ = nullptr;
};

}  // namespace nm
