// A port of a VALE switch. The sender does the work: it looks destinations up, copies, publishes and wakes.
#pragma once

#include <memory>
#include <vector>

#include "bells.h"
#include "data_path.h"
#include "indirect.h"
#include "monitors.h"
#include "peer_ring.h"
#include "staging.h"

namespace nm {

class ValePath : public DataPath {
 public:
  ValePath(std::shared_ptr<Control> control, uint32_t switch_index, uint32_t port, uint32_t adapter,
           const IndirectRanges* indirect);
  uint32_t tx(RingView& ring, uint32_t hwcur, uint32_t head) noexcept override;
  uint32_t rx(RingView& ring, uint32_t hwcur, uint32_t head) noexcept override;

 private:
  static constexpr uint32_t kBatch = 512;      // slots forwarded in one pass
  static constexpr uint32_t kMostFrags = 255;  // of one frame: their number travels in a byte
  static constexpr uint16_t kEnd = 0xffff;

  // Neighbours in the batch that go the same way.
  struct Run {
    uint16_t begin, end;  // slots of the batch, `end` excluded
    uint16_t next;        // run for the same destination
  };
  struct Queue {
    uint16_t first = kEnd, last = kEnd;  // runs
    bool empty() const { return first == kEnd; }
  };
  // A port of the switch, as last seen; its rings are looked at when first needed.
  struct Peer {
    uint32_t adapter = kNone;
    uint32_t rings = 0;
    std::unique_ptr<PeerRing[]> ring;
  };

  // With offsets on a ring every slot takes a longer way, which rings without must not pay for.
  template <bool kOffsets>
  uint32_t send(RingView& ring, uint32_t hwcur, uint32_t head) noexcept;
  void refresh_ports();
  bool usable(const RingView& ring, SlotWord word, uint32_t slot, uint32_t fragment);
  bool stage(const RingView& ring, uint32_t fragment, uint32_t len);
  const uint8_t* data(const RingView& r, uint32_t fragment) const {
    const SlotWord w{batch_[fragment]};
    if (w.flags() & NS_INDIRECT) return reinterpret_cast<const uint8_t*>(address_[fragment]);
    return r.bufs + size_t{w.buf_idx()} * r.buf_size + address_[fragment];
  }
  uint32_t route(uint64_t target, uint64_t source, uint32_t ring);
  uint32_t look_up(uint64_t mac) const;
  void close_run(uint32_t route, uint32_t begin, uint32_t end);
  void flush(const RingView& ring);
  void deliver(const RingView& from, uint32_t port, uint32_t ring, Queue own, Queue flood);
  // What a delivery comes to.
  struct Delivered {
    uint64_t frames = 0, bytes = 0;
    uint32_t first = 0, tail = 0;  // of the receiver's ring: before and after
    bool full = false;             // it had no room for all
  };
  template <bool kOffsets>
  Delivered copy(const RingView& from, const PeerRing& to, const Offsets& there, Queue own, Queue flood);
  uint64_t frames(uint32_t begin, uint32_t end) const;
  uint64_t frames(Queue queue) const;
  void look_for_dead_receivers();

  std::shared_ptr<Control> control_;
  Switch& switch_;
  const uint32_t port_, adapter_;
  bool attached_ = true;
  const IndirectRanges* indirect_;
  Bells bells_;
  PeerMonitors monitors_;
  uint32_t epoch_;
  std::vector<Peer> peers_;                // by port index
  std::vector<uint32_t> others_;           // ports in use but ours
  uint64_t batch_[kBatch + kMostFrags];    // SlotWords, read once from the ring; those of a frame are neighbours
  uint64_t address_[kBatch + kMostFrags];  // of NS_INDIRECT ones; of others the offset, where there are any
  std::unique_ptr<Staging> staging_;       // where NS_INDIRECT may point anywhere: what it pointed at
  Run runs_[kBatch + kMostFrags];
  uint32_t run_count_ = 0;
  std::vector<Queue> queues_;      // by port index and ring
  std::vector<uint32_t> touched_;  // queues of this batch
  Queue flood_;                    // for everybody
  uint64_t unroutable_ = 0;
  bool full_ = false;  // some receiver had no room
  int64_t last_look_ = 0;
};

}  // namespace nm
