// A switch as a sender sees it: where frames go that come in at a port.
#pragma once

#include <memory>
#include <vector>

#include "bells.h"
#include "monitors.h"
#include "peer_ring.h"
#include "vale_batch.h"

namespace nm {

class ValeInlet;

// What a sender works with in a sync, whatever switches its frames come to.
struct ValeSending {
  ValeSending(std::shared_ptr<Control> of, uint32_t home_switch);
  ~ValeSending();

  std::shared_ptr<Control> control;
  const uint32_t home;  // the switch that the sender is on
  Bells bells;
  PeerMonitors monitors;
  ValeBatch batch;
  uint64_t unroutable = 0, bad = 0;  // frames that were lost
  bool full = false;                 // some receiver had no room
  uint32_t passes = 0;  // over links in this batch: more than there are switches means that they form a loop
  std::vector<std::unique_ptr<ValeInlet>> beyond;  // switches behind links, by index, made when first needed
};

class ValeInlet {
 public:
  static constexpr uint32_t kFlood = 0xffff;  // ways that are no queue: broadcast, multicast and unknown
  static constexpr uint32_t kDrop = 0xfffe;

  ValeInlet(ValeSending& sending, uint32_t switch_index);

  // The port at which frames come in from here on.
  void enter(uint32_t port, uint32_t adapter);
  // Looks who is there, if that has changed. True if so.
  bool refresh() {
    if (switch_.epoch.load(std::memory_order_acquire) == epoch_) return false;
    look_around();
    return true;
  }
  // Learns where a frame comes from; says where it goes to: a queue, kFlood or kDrop.
  uint32_t route(uint64_t target, uint64_t source, uint32_t ring);
  // Slots of the batch, `end` excluded, that go the same way.
  void add_run(uint32_t way, uint32_t begin, uint32_t end) {
    if (begin != end) append_run(way, begin, end);
  }
  // Delivers what has been added.
  void flush();

 private:
  static constexpr uint16_t kEnd = 0xffff;

  struct Run {
    uint16_t begin, end;
    uint16_t next;  // run for the same destination
  };
  struct Queue {
    uint16_t first = kEnd, last = kEnd;  // runs
    bool empty() const { return first == kEnd; }
  };
  // A port of the switch, as last seen; its rings are looked at when first needed.
  struct Peer {
    uint32_t adapter = kNone;
    uint32_t rings = 0;
    uint32_t header = 0;           // of its frames
    uint32_t beyond = kNone;       // of a link: the switch behind it,
    uint32_t beyond_port = kNone;  // and the port there
    std::unique_ptr<PeerRing[]> ring;
  };
  // What a delivery comes to.
  struct Delivered {
    uint64_t frames;          // of the sender's, taken care of
    uint64_t packets, bytes;  // that the receiver finds
    uint64_t bad;             // frames whose header makes no sense
    uint32_t first, tail;     // of the receiver's ring: before and after
    bool full;                // it had no room for all
  };

  void look_around();
  void append_run(uint32_t way, uint32_t begin, uint32_t end);
  static bool is_group(uint64_t mac) { return mac & 1; }
  static uint32_t hash(uint64_t mac) { return static_cast<uint32_t>(mac * 0x9e3779b97f4a7c15 >> 54); }
  static_assert(kLearnEntries == 1 << 10);
  uint32_t look_up(uint64_t mac) const;
  uint64_t frames(Queue queue) const;
  // The next run of either queue, in the order in which they were sent. kEnd is above all.
  const Run& take(Queue& own, Queue& flood) const {
    uint16_t& queue = own.first < flood.first ? own.first : flood.first;
    const Run& run = runs_[queue];
    queue = run.next;
    return run;
  }

  void deliver(uint32_t port, uint32_t ring, Queue own, Queue flood);
  template <bool kOffsets>
  Delivered copy(const PeerRing& to, const Offsets& there, Queue own, Queue flood) const;
  // vale_convert.cc
  Delivered convert(const PeerRing& to, const Offsets& there, uint32_t header, Queue own, Queue flood) const;
  // vale_link.cc
  void look_beyond(Peer& peer, uint32_t port, const Adapter& adapter) const;
  void pass_on(Peer& peer, Queue own, Queue flood);
  void add_frames(uint32_t begin, uint32_t end);

  ValeSending& sending_;
  Control& control_;
  Switch& switch_;
  const uint32_t index_;
  uint32_t port_ = kNone, adapter_ = kNone;
  bool attached_ = true;  // our port is on the switch (still)
  bool busy_ = false;     // frames are coming in at present
  uint32_t epoch_;
  std::vector<Peer> peers_;      // by port index
  std::vector<uint32_t> there_;  // ports in use
  Run runs_[ValeBatch::kRoom];
  uint32_t run_count_ = 0;
  std::vector<Queue> queues_;      // by port index and ring
  std::vector<uint32_t> touched_;  // queues of this batch
  Queue flood_;                    // for everybody
};

// Here because senders call them for every change of addresses.
inline uint32_t ValeInlet::look_up(uint64_t mac) const {
  const uint64_t entry = switch_.learned[hash(mac)].load(std::memory_order_relaxed);
  if (entry >> 16 != mac || (entry & 0xffff) == 0) return kFlood;
  const uint32_t port = static_cast<uint32_t>(entry & 0xffff) - 1;
  if (port == port_ || port >= peers_.size() || peers_[port].adapter == kNone) return kDrop;
  return port;
}

inline uint32_t ValeInlet::route(uint64_t target, uint64_t source, uint32_t ring) {
  if (!is_group(source) && attached_) {
    Shared<uint64_t>& entry = switch_.learned[hash(source)];
    const uint64_t known = source << 16 | (port_ + 1);
    if (entry.load(std::memory_order_relaxed) != known) entry.store(known, std::memory_order_relaxed);
  }
  if (is_group(target)) return kFlood;
  const uint32_t port = look_up(target);
  if (port == kFlood || port == kDrop) return port;
  const uint32_t rings = peers_[port].rings;
  return port * kMaxRings + (ring < rings ? ring : rings ? ring % rings : 0);
}

}  // namespace nm
