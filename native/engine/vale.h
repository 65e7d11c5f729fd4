// A port of a VALE switch. The sender does the work: it looks destinations up, copies, publishes and wakes.
#pragma once

#include <memory>
#include <vector>

#include "bells.h"
#include "data_path.h"
#include "indirect.h"
#include "peer_ring.h"

namespace nm {

class ValePath : public DataPath {
 public:
  ValePath(std::shared_ptr<Control> control, uint32_t switch_index, uint32_t port, const IndirectRanges* indirect);
  uint32_t tx(RingView& ring, uint32_t hwcur, uint32_t head) noexcept override;
  uint32_t rx(RingView& ring, uint32_t hwcur, uint32_t head) noexcept override;

 private:
  static constexpr uint32_t kBatch = 512;      // slots forwarded in one pass
  static constexpr uint32_t kMostFrags = 255;  // of one frame: their number travels in a byte
  static constexpr uint16_t kEnd = 0xffff;

  // One slot of the batch, read once from the ring. Those of a frame are neighbours.
  struct Fragment {
    const uint8_t* data;
    uint16_t len;
    uint16_t next;   // frame for the same destination, in the first fragment
    uint16_t frags;  // of the frame, in the first fragment
    uint16_t exact;  // the user's own memory: not a byte more than len may be read
  };
  struct Queue {
    uint16_t first = kEnd, last = kEnd;
    bool empty() const { return first == kEnd; }
  };
  // A port of the switch, as last seen; its rings are looked at when first needed.
  struct Peer {
    uint32_t adapter = kNone;
    uint32_t rings = 0;
    std::unique_ptr<PeerRing[]> ring;
  };

  void refresh_ports();
  bool read_fragment(const RingView& ring, SlotWord word, uint32_t slot, Fragment* out) const;
  void route(uint32_t frame, uint32_t ring);
  uint32_t look_up(uint64_t mac) const;
  void append(Queue& queue, uint32_t frame);
  void flush();
  void deliver(uint32_t port, uint32_t ring, Queue own, Queue flood);
  uint64_t length(Queue queue) const;
  void look_for_dead_receivers();

  std::shared_ptr<Control> control_;
  Switch& switch_;
  const uint32_t port_;
  const IndirectRanges* indirect_;
  Bells bells_;
  uint32_t epoch_;
  std::vector<Peer> peers_;       // by port index
  std::vector<uint32_t> others_;  // ports in use but ours
  Fragment batch_[kBatch + kMostFrags];
  std::vector<Queue> queues_;      // by port index and ring
  std::vector<uint32_t> touched_;  // queues of this batch
  Queue flood_;                    // frames for everybody
  // Neighbouring frames mostly come from and go to the same places. Forgotten with every sync.
  uint64_t last_source_ = 0, last_target_ = 0;
  uint32_t last_route_ = 0;
  uint64_t unroutable_ = 0;
  bool full_ = false;  // some receiver had no room
  int64_t last_look_ = 0;
};

}  // namespace nm
