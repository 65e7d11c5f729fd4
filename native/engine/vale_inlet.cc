#include "vale_inlet.h"

#include <algorithm>

#include "fault.h"

namespace nm {

ValeSending::ValeSending(std::shared_ptr<Control> of, uint32_t home_switch)
    : control(std::move(of)),
      home(home_switch),
      bells(control),
      monitors(control, &bells),
      beyond(control->limits().switches) {}
ValeSending::~ValeSending() = default;

ValeInlet::ValeInlet(ValeSending& sending, uint32_t switch_index)
    : sending_(sending),
      control_(*sending.control),
      switch_(control_.vale(switch_index)),
      index_(switch_index),
      epoch_(switch_.epoch.load() - 1),
      peers_(control_.limits().ports),
      queues_(size_t{control_.limits().ports} * kMaxRings) {
  there_.reserve(control_.limits().ports);
  touched_.reserve(queues_.size());
}

void ValeInlet::enter(uint32_t port, uint32_t adapter) {
  if (port == port_ && adapter == adapter_) return;
  port_ = port;
  adapter_ = adapter;
  epoch_ = switch_.epoch.load() - 1;
}

// After a port joined or left. Rings are looked at again by their own generations.
void ValeInlet::look_around() {
  epoch_ = switch_.epoch.load(std::memory_order_acquire);
  // A persistent port may have been detached under its users' hands: then there is nobody to send to.
  attached_ = switch_.ports[port_].load(std::memory_order_acquire) == adapter_ + 1;
  there_.clear();
  for (uint32_t p = 0; p < peers_.size(); ++p) {
    const uint32_t a = switch_.ports[p].load(std::memory_order_acquire) - 1;
    Peer& peer = peers_[p];
    if (a >= control_.adapters() || !attached_) {
      peer = Peer{};
      continue;
    }
    if (p != port_) there_.push_back(p);
    const Adapter& adapter = control_.adapter(a);
    peer.header = vnet_header_of(adapter);
    look_beyond(peer, p, adapter);
    const uint32_t rings = peer.beyond == kNone ? std::min(adapter.rings[kDirRx].load(), kMaxRings) : 1;
    // The same record may be another port by now, with other rings.
    if (peer.adapter == a && rings == peer.rings) continue;
    peer.adapter = a;
    peer.rings = rings;
    peer.ring.reset(new PeerRing[kMaxRings]);
  }
}

void ValeInlet::append_run(uint32_t way, uint32_t begin, uint32_t end) {
  if (way == kDrop) {
    sending_.unroutable += sending_.batch.frames(begin, end);
    return;
  }
  Queue& q = way == kFlood ? flood_ : queues_[way];
  if (q.empty() && way != kFlood) touched_.push_back(way);
  const uint16_t run = static_cast<uint16_t>(run_count_++);
  runs_[run] = Run{static_cast<uint16_t>(begin), static_cast<uint16_t>(end), kEnd};
  (q.empty() ? q.first : runs_[q.last].next) = run;
  q.last = run;
}

uint64_t ValeInlet::frames(Queue queue) const {
  uint64_t n = 0;
  for (uint16_t run = queue.first; run != kEnd; run = runs_[run].next) {
    n += sending_.batch.frames(runs_[run].begin, runs_[run].end);
  }
  return n;
}

// Floods go to ring 0 of all others. (The kernel's switch also gives them to any other ring that the same batch sends
// to, so that some arrive twice.)
void ValeInlet::flush() {
  busy_ = true;
  if (!flood_.empty()) {
    for (uint32_t p : there_) {
      if (queues_[p * kMaxRings].empty()) deliver(p, 0, Queue{}, flood_);
    }
    if (there_.empty()) sending_.unroutable += frames(flood_);
  }
  for (uint32_t q : touched_) {
    const uint32_t ring = q % kMaxRings;
    deliver(q / kMaxRings, ring, queues_[q], ring == 0 ? flood_ : Queue{});
    queues_[q] = Queue{};
  }
  touched_.clear();
  flood_ = Queue{};
  run_count_ = 0;
  busy_ = false;
}

}  // namespace nm
