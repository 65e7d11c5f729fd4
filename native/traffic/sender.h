// Sends what a filler makes when a schedule says so, by one or several rings of a port.
#pragma once

#include <cstdint>
#include <vector>

#include "../device/device.h"
#include "filler.h"
#include "histogram.h"
#include "lookout.h"
#include "schedule.h"

namespace nm::traffic {

// How it passes the time until the next packet is due.
enum class Waiting : uint8_t { kSpin, kSleep };

struct SenderSpec {
  uint64_t count = UINT64_MAX;  // packets to send
  uint32_t batch = 512;         // most packets for one sync
  Waiting waiting = Waiting::kSpin;
  int64_t patience = 0;          // ns: a wait that is longer than this is left to the caller
  int64_t forgive = 1000000000;  // ns that it may be late before it gives up on what it has not sent
};

// Why it came back.
enum class Pause : int32_t { kTurn, kRoom, kRate, kDone };

struct SenderCounters {
  uint64_t packets = 0;
  uint64_t bytes = 0;
  uint64_t batches = 0;  // syncs that brought packets
  int64_t first = 0;     // ns: before the first sync, and after the last one
  int64_t last = 0;
  int64_t given_up = 0;  // ns that the plan was shifted by because we were too late
};

class Sender {
 public:
  Sender(SenderSpec spec, Filler filler, Schedule schedule, std::vector<TxRing> rings);

  // The first packet is due now, the end is at `end` (ns, INT64_MAX: never).
  void begin(int64_t now, int64_t end);
  // Sends until `until`, or until there is a reason to pause. Returns an errno.
  int run(Device& device, int64_t until, Pause* pause);
  // The same in two steps, for those who want to see each batch: makes one, if something is due before `until`...
  bool prepare(int64_t until, Pause* pause);
  // ...and hands it to the device. Returns an errno.
  int commit(Device& device);

  const SenderCounters& counters() const { return counters_; }
  const Histogram& late() const { return late_; }  // from when a packet was due until it was handed over
  // The same from when the processor was back, where it was away while this looked at the clock; and for how long.
  const Histogram& late_running() const { return late_running_; }
  const Histogram& away() const { return lookout_.away(); }
  const Histogram& gap() const { return gap_; }              // between packets that were handed over
  const Histogram& gap_error() const { return gap_error_; }  // how far that was from what it should have been
  const Histogram& planned_gap() const { return schedule_.gaps(); }
  // ns until the next packet is due.
  int64_t wait(int64_t now) const { return schedule_.due() - now; }
  std::vector<TxRing>& rings() { return rings_; }
  uint32_t slots_needed() const { return slots_needed_; }
  // The batch that prepare() made.
  uint32_t ring() const { return current_; }
  uint32_t first_slot() const { return first_slot_; }
  const Filled& batch() const { return batch_; }

 private:
  uint32_t find_room();
  void record(int64_t now);

  const SenderSpec spec_;
  Filler filler_;
  Schedule schedule_;
  std::vector<TxRing> rings_;
  uint32_t slots_needed_ = 1;
  int64_t end_ = INT64_MAX;
  SenderCounters counters_;
  uint32_t current_ = 0;  // ring
  uint32_t first_slot_ = 0;
  Filled batch_;
  uint32_t owed_ = 0;  // packets that were due and did not fit
  int64_t made_at_ = 0;
  int64_t batch_due_ = 0;  // of the first and the last packet of the batch
  int64_t batch_last_due_ = 0;
  int64_t sent_at_ = 0;  // the batch before
  int64_t sent_due_ = 0;
  bool time_of_last_open_ = false;
  Histogram late_, late_running_, gap_, gap_error_;
  Lookout lookout_;
};

}  // namespace nm::traffic
