// Takes packets from the rx rings of a port and looks at them as closely as it was told to.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "../device/device.h"
#include "audit.h"
#include "flows.h"
#include "frame_filter.h"
#include "histogram.h"
#include "match.h"
#include "protocols.h"
#include "ring.h"

namespace nm::traffic {

struct ReceiverSpec {
  uint64_t count = UINT64_MAX;  // packets to take
  bool check = false;           // checksums and numbers
  bool latency = false;         // from the time that generators write into packets
  bool gaps = false;            // between arrivals
  bool protocols = false;
  uint32_t flows = 0;                   // to be followed
  std::vector<Test> match;              // others are counted and otherwise ignored
  std::shared_ptr<FrameFilter> filter;  // the same; null: all pass
};

struct RxRing {
  Ring ring;
  uint32_t head = 0;
};

struct ReceiverCounters {
  uint64_t packets = 0;
  uint64_t bytes = 0;
  uint64_t batches = 0;
  uint64_t unmatched = 0;  // of those packets
  int64_t first = 0;       // ns, of the first and the last batch
  int64_t last = 0;
};

class Receiver {
 public:
  Receiver(ReceiverSpec spec, std::vector<RxRing> rings);

  // Takes what comes until `until`, until nothing has come for `quiet` ns, or until the count is reached. Returns an
  // errno.
  int run(Device& device, int64_t until, int64_t quiet);
  // The same step by step, for those who want to see each batch: gives the slots of the last one back and finds
  // another...
  bool look(Device& device, int64_t until, int64_t quiet, int* err);
  // ...and gives the slots of the very last one back.
  void release();

  bool done() const { return counters_.packets >= spec_.count; }
  const ReceiverCounters& counters() const { return counters_; }
  std::vector<RxRing>& rings() { return rings_; }
  const Audit* audit() const { return audit_.get(); }
  const Histogram* latency() const { return latency_.get(); }
  const Histogram* gap() const { return gap_.get(); }
  const Protocols* protocols() const { return protocols_.get(); }
  const Flows* flows() const { return flows_.get(); }
  // Packets whose time lies ahead of ours: their sender has another clock.
  uint64_t skewed() const { return skewed_; }

  // Least free slots that a ring had when there were packets in it, since this was asked last; UINT32_MAX: there were
  // none.
  uint32_t take_least_room() { return std::exchange(least_room_, UINT32_MAX); }

  // The batch that look() found: whole frames from a slot on, and those of them that match.
  struct Batch {
    uint32_t ring = 0;
    uint32_t first = 0;
    uint32_t slots = 0;
    uint32_t frames = 0;
    int64_t time = 0;
  };
  const Batch& batch() const { return batch_; }
  // The frames that match, by their first slots; only where look() was asked to note them.
  struct Pick {
    int32_t offset;  // of the payload, in the region; wraps round beyond 2 GiB
    int32_t length;  // of that part
    int32_t slot;
  };
  const std::vector<Pick>& picked() const { return picked_; }
  void note_picks(bool note);

 private:
  bool sweep();
  bool take(uint32_t index);
  uint32_t whole_frame(const RxRing& ring, uint32_t first, uint32_t available);
  void count_only(const RxRing& ring, uint32_t available);
  bool note_only(const RxRing& ring, uint32_t available);
  uint32_t note(const RxRing& ring, uint32_t slot, SlotRead read);
  void inspect(const RxRing& ring, uint32_t available);
  void inspect_group(const RxRing& ring);
  void inspect_frame(const uint8_t* bytes, uint32_t length);
  uint8_t* gather(const RxRing& ring, uint32_t first, uint32_t slots, uint32_t* length);

  const ReceiverSpec spec_;
  std::vector<RxRing> rings_;
  const Match match_;
  const bool looks_;  // into packets
  std::unique_ptr<Audit> audit_;
  std::unique_ptr<Histogram> latency_, gap_;
  std::unique_ptr<Protocols> protocols_;
  std::unique_ptr<Flows> flows_;
  ReceiverCounters counters_;
  uint64_t skewed_ = 0;
  uint32_t least_room_ = UINT32_MAX;
  Batch batch_;
  uint64_t batch_bytes_ = 0;
  uint32_t turn_ = 0;  // ring to begin with
  bool noting_ = false;
  std::vector<Pick> picked_;
  std::vector<uint8_t> scratch_;
  // Frames that are looked at together.
  static constexpr uint32_t kGroup = 64;
  uint32_t grouped_ = 0;
  FrameView group_[kGroup];
  uint32_t group_slots_[kGroup];  // the first slot of each
  uint8_t group_pass_[kGroup];
};

}  // namespace nm::traffic
