// What NETMAP_REQ_SYNC_KLOOP_START runs in the thread that asks for it: syncs the rings of a descriptor in CSB mode
// until it is told to stop.
#pragma once

#include <cstdint>
#include <vector>

#include "../abi/option.h"
#include "csb.h"
#include "data_path.h"

namespace nm {

class EngineDevice;

// How a loop waits, and whom it tells.
struct LoopOptions {
  using Pair = nmreq_opt_sync_kloop_eventfds::Pair;

  uint32_t sleep_us = 0;
  bool direct_tx = false, direct_rx = false;  // such rings are synced when they are kicked, and only then
  std::vector<Pair> eventfds;                 // per ring, tx rings first; none: nobody is told
  bool kicks = false;                         // every ring has one to be kicked by; else the loop sleeps for sleep_us

  // From the request and its options, whose status is set.
  Status read(nmreq_header* header, uint32_t rings);
};

class SyncLoop {
 public:
  // The views are those of the device, in the order of their entries in the arrays: tx rings, then rx rings.
  SyncLoop(EngineDevice& device, DataPath& path, const Csb& csb, const LoopOptions& options, std::vector<RingView>& tx,
           std::vector<RingView>& rx);
  ~SyncLoop();
  SyncLoop(const SyncLoop&) = delete;
  SyncLoop& operator=(const SyncLoop&) = delete;

  // Until the device says that it is enough. EFAULT when the arrays cannot be accessed any more.
  Status run();

 private:
  struct Ring {
    RingView* view;
    uint32_t entry;
    bool tx, direct;
    int kick = -1, irq = -1;
    bool kicked = false;
    uint32_t mark = 0;  // of a direct ring: what the other side had done when the application was last told
  };

  Status watch();
  bool pass();
  bool sync(Ring& ring);
  bool sync_tx(Ring& ring);
  bool sync_rx(Ring& ring);
  bool read(const Ring& ring, CsbIndices* user);
  void want_kicks(const Ring& ring, bool wanted);
  void tell(const Ring& ring, bool* news);
  void forward();
  void nap();
  void sleep();
  void wait();

  EngineDevice& device_;
  DataPath& path_;
  const Csb& csb_;
  const LoopOptions& options_;
  std::vector<Ring> rings_;
  int epoll_ = -1;
  bool kicks_wanted_ = false;  // in this pass: what is left idle is to be kicked
  int error_ = 0;
};

}  // namespace nm
