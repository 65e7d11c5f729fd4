// A device whose port is in CSB mode: syncs and waits go through two arrays in memory instead of the device, and a sync
// loop, which some thread runs in the device, does the rest. Above it nobody can tell.
#pragma once

#include <vector>

#include "../abi/memory.h"
#include "../abi/option.h"
#include "device.h"

namespace nm {

class CsbDevice final : public Device {
 public:
  // Puts the port of `bare`, which is registered and mapped, into CSB mode. `rings` are the byte offsets of its bound
  // rings in the region, tx rings first. On success takes `bare` over; on failure leaves it.
  // `pushes`: waiting for packets hands over what lies in the tx rings, as poll(2) does without NR_NO_TX_POLL.
  static Status enable(std::unique_ptr<Device>* bare, std::shared_ptr<Mapping> region,
                       const std::vector<uint64_t>& rings, size_t tx_rings, bool pushes,
                       std::unique_ptr<CsbDevice>* out);
  ~CsbDevice() override;

  // The arrays: from the application to the device, and behind it from the device to the application.
  const std::shared_ptr<Mapping>& arrays() const { return arrays_; }
  size_t rings() const { return rings_.size(); }
  // Takes the state of the rings over from the device again. EBUSY while a loop is running.
  Status reset();
  // Which eventfd tells the loop of changes in each ring; -1 = none does. Before a loop starts.
  void kick_by(const std::vector<int>& fds);
  // Kicks once more what has been kicked since then and shows no reaction: the loop may not have listened yet.
  void kick_again() noexcept;
  // What we kick with and are told by unless kick_by() and the loop's options say otherwise. -1 where there are none.
  int kick_fd() const { return kick_; }
  int told_fd() const { return told_; }

  // SYNC_KLOOP_START and _STOP may be asked for from other threads.
  Status control(nmreq_header* header) override { return bare_->control(header); }

  const char* kind() const noexcept override { return bare_->kind(); }
  Status map(uint64_t size, std::shared_ptr<Mapping>* out) override { return bare_->map(size, out); }
  int txsync() noexcept override;
  int rxsync() noexcept override;
  int poll(short events, int timeout_ms, short* revents) noexcept override;
  int fd() const noexcept override { return told_; }
  short loop_events(short events) const noexcept override;
  int arm(short events, short* ready) noexcept override;
  void disarm() noexcept override;
  void allow_indirect(const void* base, size_t size) override { bare_->allow_indirect(base, size); }
  bool counters(Counters* out) const noexcept override { return bare_->counters(out); }

 private:
  struct Ring {
    netmap_ring* ring;
    uint32_t slots;
    nm_csb_atok* to;
    nm_csb_ktoa* from;
    bool tx;
    int kick;
    bool kicked = false;     // since the loop was started
    uint32_t tail_then = 0;  // hwtail when it was
  };
  CsbDevice(std::shared_ptr<Mapping> region, std::shared_ptr<Mapping> arrays, bool pushes)
      : region_(std::move(region)), arrays_(std::move(arrays)), pushes_(pushes) {}

  static bool exchange(Ring& ring) noexcept;
  void exchange_all(bool tx) noexcept;
  short check(short events) noexcept;
  void want_news(short events, bool wanted) noexcept;

  std::unique_ptr<Device> bare_;
  const std::shared_ptr<Mapping> region_, arrays_;
  const bool pushes_;
  std::vector<Ring> rings_;
  int kick_ = -1, told_ = -1;
};

}  // namespace nm
