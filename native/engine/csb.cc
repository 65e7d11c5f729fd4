#include "csb.h"

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <vector>

#include "fault_guard.h"
#include "user_memory.h"

namespace nm {

namespace {

uint32_t load(const uint32_t& word) {
  return __atomic_load_n(&word, __ATOMIC_ACQUIRE);
}
void store(uint32_t& word, uint32_t value) {
  __atomic_store_n(&word, value, __ATOMIC_RELEASE);
}

}  // namespace

Status Csb::attach(uint64_t atok, uint64_t ktoa, uint32_t rings, Csb* out) {
  static_assert(sizeof(nm_csb_atok) == sizeof(nm_csb_ktoa));
  if (atok % sizeof(nm_csb_atok) != 0 || ktoa % sizeof(nm_csb_ktoa) != 0) {
    return Status::failure(EINVAL, "CSB", "the arrays must be aligned to 64 bytes");
  }
  std::vector<uint8_t> entries(rings * sizeof(nm_csb_atok));
  if (!copy_in(entries.data(), atok, entries.size())) {
    return Status::failure(EFAULT, "CSB", "the array from the application cannot be read");
  }
  entries.assign(entries.size(), 0);
  if (!copy_out(ktoa, entries.data(), entries.size())) {
    return Status::failure(EFAULT, "CSB", "the array to the application cannot be written");
  }
  out->atok_ = reinterpret_cast<nm_csb_atok*>(atok);
  out->ktoa_ = reinterpret_cast<nm_csb_ktoa*>(ktoa);
  return {};
}

void Csb::begin(uint32_t i, CsbIndices user, uint32_t hwcur, uint32_t hwtail) const noexcept {
  // What can be read need not be what can be written, and netmap does not mind.
  const nm_csb_atok atok{user.head, user.cur, 1, 1, {}};
  const nm_csb_ktoa ktoa{hwcur, hwtail, 1, {}};
  (void)copy_out(reinterpret_cast<uint64_t>(atok_ + i), &atok, offsetof(nm_csb_atok, pad));
  (void)copy_out(reinterpret_cast<uint64_t>(ktoa_ + i), &ktoa, offsetof(nm_csb_ktoa, pad));
}

// The application stores cur before head, and we load head before cur: then cur is never older than head, which would
// make it look as if head had overtaken it.
bool Csb::read(uint32_t i, CsbIndices* out) const noexcept {
  const nm_csb_atok& entry = atok_[i];
  return FaultGuard::guard([&] {
    out->head = load(entry.head);
    out->cur = load(entry.cur);
  });
}

// The other way about: the application loads hwtail before hwcur.
bool Csb::show(uint32_t i, uint32_t hwcur, uint32_t hwtail) const noexcept {
  nm_csb_ktoa& entry = ktoa_[i];
  return FaultGuard::guard([&] {
    store(entry.hwcur, hwcur);
    store(entry.hwtail, hwtail);
  });
}

bool Csb::want_kicks(uint32_t i, bool wanted) const noexcept {
  nm_csb_ktoa& entry = ktoa_[i];
  return FaultGuard::guard([&] { store(entry.kern_need_kick, wanted); });
}

bool Csb::wants_kicks(uint32_t i) const noexcept {
  uint32_t value = 0;
  const nm_csb_atok& entry = atok_[i];
  return FaultGuard::guard([&] { value = load(entry.appl_need_kick); }) && value != 0;
}

}  // namespace nm
