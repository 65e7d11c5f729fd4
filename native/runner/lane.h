// One way through the wire: frames from the rx rings of one port, which pass at once or wait in a box, into the tx
// rings of another.
#pragma once

#include <cstdint>
#include <vector>

#include "../apps/ring_span.h"
#include "../device/device.h"
#include "../emulation/box.h"
#include "../emulator/histogram.h"
#include "../traffic/ring.h"
#include "offload.h"

namespace nm::runner {

// A ring and how far it has been worked on.
struct WireRing {
  traffic::Ring ring;
  RingSpan span;
  uint32_t head = 0;

  bool bind(const Mapping& mapping, double offset, double first);
  // Looks at all buffers, so that none of their pages has to be found when a packet is due: that takes microseconds.
  void touch() const;
};

struct LaneCounts {
  uint64_t packets = 0, bytes = 0;          // taken from the rx rings
  uint64_t out_packets = 0, out_bytes = 0;  // put into the tx rings
  uint64_t straight = 0;                    // of those, with nothing that held them back
  uint64_t no_room = 0;                     // dropped: longer than the tx rings can take, or there at the end
  uint64_t bad = 0;                         // slots without a buffer, frames without an end
  Time first = 0, last = 0;                 // when something was put into the tx rings
  // Of what was held back: ns from when it was to leave until the tx rings had been handed over with it.
  emulator::Histogram late;
};

struct LaneSpec {
  Box::Direction direction = Box::Direction::kOut;
  Device* from = nullptr;
  Device* to = nullptr;
  std::vector<WireRing> rx, tx;
  bool swap = false;  // both ports use one memory region: buffers change places
  // Bytes of virtio-net header before the frames of either port.
  uint32_t from_header = 0, to_header = 0;
};

class Lane {
 public:
  explicit Lane(LaneSpec spec);

  Box::Direction direction() const { return spec_.direction; }
  Device* from() const { return spec_.from; }
  Device* to() const { return spec_.to; }

  // Takes what has come, a batch from each ring at most. Frames that wait are the box's from then on. The slots taken,
  // or a negative errno.
  int take(Box* box, Time now);
  // A packet that has come out of the box, due at `at`. It is copied with others, by flush() at the latest. The box
  // gets it back then.
  void send(Box* box, emulator::Packet* packet, Time at);
  // Copies what has come out, as far as there is room.
  void flush(Box* box);
  // Hands over what was written. An errno.
  int push(Time now);
  // Drops what found no room.
  void drop(Box* box);

  // Something is written and not handed over yet.
  bool dirty() const { return dirty_; }
  // After flush(): frames that have left the box and found no room.
  bool waits() const { return !backlog_.empty(); }
  // Those. In the box's memory, and no more than it held when the output became full: frames then stay in the rx rings.
  const emulator::PacketRing& backlog() const { return backlog_; }
  const LaneCounts& counts() const { return counts_; }
  const std::vector<WireRing>& rx() const { return spec_.rx; }
  const std::vector<WireRing>& tx() const { return spec_.tx; }

 private:
  struct Found {
    uint32_t slot;
    uint32_t slots;  // 0: it lies in no ring
  };
  uint32_t collect(WireRing* ring, uint32_t available);
  void unpack();
  void pass(Box* box, const WireRing& from, WireRing* to, uint8_t ring, size_t index);
  bool write(WireRing* to, const uint8_t* data, uint32_t length);
  size_t write_some(WireRing* to);
  WireRing* out(size_t ring) { return &spec_.tx[ring < spec_.tx.size() ? ring : ring % spec_.tx.size()]; }

  LaneSpec spec_;
  LaneCounts counts_;
  emulator::PacketRing backlog_;  // what has come out and is not copied yet
  bool full_ = false;             // there was no room for it last time
  bool dirty_ = false;            // something was written since the last push
  std::vector<Time> dues_;        // of what was written since then after it had been held back
  // Of the batch at hand.
  std::vector<classifier::Frame> frames_;
  std::vector<Found> found_;
  std::vector<uint8_t> passes_;
  std::vector<uint8_t> whole_;  // frames of several slots, in one piece
  Offload offload_;
  std::vector<classifier::Frame> unpacked_;
  std::vector<Found> unpacked_from_;
};

}  // namespace nm::runner
