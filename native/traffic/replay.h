// Sends the frames of a capture when they are due: as they came, faster or slower, at a rate, or at once.
#pragma once

#include <cstdint>
#include <vector>

#include "../device/device.h"
#include "histogram.h"
#include "lookout.h"
#include "sender.h"
#include "tx_ring.h"

namespace nm::traffic {

// A piece of a capture, made ready by JavaScript: records one behind the other, at multiples of 8 bytes. All fields are
// in the host's byte order; the frame follows.
struct ReplayRecord {
  double due;  // ns after the first packet of the pass, as captured
  uint32_t length;
  uint32_t flags;

  static constexpr uint32_t kPoint = 1;  // stop in front of it: somebody has to be told first where it goes
};
static_assert(sizeof(ReplayRecord) == 16);

// The bytes of a piece, which belong to JavaScript: given anew for each call.
struct ReplayPiece {
  const uint8_t* bytes = nullptr;
  size_t size = 0;
};

enum class Timing : uint8_t { kFlatOut, kCaptured, kPackets, kBits };

struct ReplaySpec {
  Timing timing = Timing::kFlatOut;
  double speed = 1;             // of kCaptured
  double gap = 0;               // ns for a packet (kPackets) or for a bit (kBits)
  uint32_t overhead = 24;       // bytes on the wire beside the frame: CRC, preamble, gap
  uint64_t count = UINT64_MAX;  // packets to send
  uint32_t batch = 512;         // most packets for one sync
  Waiting waiting = Waiting::kSpin;
  int64_t patience = 0;          // ns: a wait that is longer than this is left to the caller
  int64_t forgive = 1000000000;  // ns that it may be late before the plan is shifted
};

// Why it came back: what Pause says, the end of the piece, or a frame with kPoint.
enum class ReplayPause : int32_t { kTurn, kRoom, kRate, kDone, kEnd, kPoint };

class Replay {
 public:
  Replay(const ReplaySpec& spec, TxRing ring) : spec_(spec), ring_(std::move(ring)) {}

  // The first packet is due now.
  void begin(int64_t now) { base_ = now; }
  // Goes on with the next piece.
  void next_piece() { at_ = 0; }
  // The records that follow are of the next pass, whose first packet comes `span` ns, as captured, after the first one
  // of this pass.
  void next_pass(double span);
  // The frame in front of which it stopped may be sent.
  void pointed() { pointed_ = true; }
  // Sends until `until`, or until there is a reason to pause. Returns an errno.
  int run(Device& device, ReplayPiece piece, int64_t until, ReplayPause* pause);
  // The same in two steps, for those who want to see each batch: makes one, if something is due before `until`...
  bool prepare(ReplayPiece piece, int64_t until, ReplayPause* pause);
  // ...and hands it to the device. Returns an errno.
  int commit(Device& device);

  const SenderCounters& counters() const { return counters_; }
  // From when a packet was due until it was handed over.
  const Histogram& late() const { return late_; }
  // The same from when the processor was back, where it was away while this looked at the clock; and for how long.
  const Histogram& late_running() const { return late_running_; }
  const Histogram& away() const { return lookout_.away(); }
  // Where the next record begins in the piece, and when, as captured, the last packet was due.
  size_t position() const { return at_; }
  double last_due() const { return last_due_; }
  // ns until the next packet is due, as far as known.
  int64_t wait(int64_t now) const { return next_due_ - now; }
  // Slots that the next packet needs.
  uint32_t slots_needed() const { return needed_; }
  uint32_t head() const { return ring_.head; }
  // The batch that prepare() made.
  uint32_t first_slot() const { return first_slot_; }
  const Filled& batch() const { return batch_; }

 private:
  int64_t due(const ReplayRecord& record) const;
  void take(const ReplayRecord& record, int64_t due);
  uint32_t fill(const uint8_t* frame, uint32_t length, uint32_t room);
  ReplayPause fill_batch(ReplayPiece piece, int64_t now);

  const ReplaySpec spec_;
  TxRing ring_;
  SenderCounters counters_;
  Histogram late_, late_running_;
  Lookout lookout_;
  size_t at_ = 0;
  bool pointed_ = false;
  int64_t base_ = 0;   // ns: of the pass for kCaptured, else since when offset_ counts
  double offset_ = 0;  // of the next packet from it
  double last_due_ = 0;
  int64_t next_due_ = 0;
  uint32_t needed_ = 1;
  // The batch that has been filled and not been handed over, and when its packets were due.
  Filled batch_;
  uint32_t first_slot_ = 0;
  std::vector<int64_t> dues_;
  int64_t made_at_ = 0;
  bool time_of_last_open_ = false;
};

}  // namespace nm::traffic
