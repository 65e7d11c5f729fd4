#include "fair.h"

#include <algorithm>

namespace nm::emulator {

Fair::Fair(bool pie, const FairSettings& settings, FlowSet* own, uint64_t seed)
    : pie_(pie), settings_(settings), own_(own), salt_(Dice(seed, 1).next()), dice_(seed, 2), flows_(settings.flows) {}

bool Fair::admit(Flow* flow, Packet* packet, Time now) {
  if (!pie_) return true;
  return flow->pie.admit(packet, flow->packets, 1, settings_.pie, now, &dice_, &own_->sink);
}

// The packet's flow, in line for service.
Fair::Flow* Fair::flow_of(const Packet& packet, Time now) {
  const uint64_t hash = FlowKey::read(packet.data(), packet.length).hash(salt_);
  Flow* flow = &flows_[static_cast<uint64_t>(static_cast<unsigned __int128>(hash) * flows_.size() >> 64)];
  if (!flow->active) {
    flow->active = true;
    flow->deficit = settings_.quantum;
    if (pie_) flow->pie.reset(settings_.pie, now);
    new_.push(flow);
  }
  return flow;
}

bool Fair::enqueue(Queue* queue, Packet* packet, Time now) {
  ++queue->arrived_packets;
  queue->arrived_bytes += packet->length;
  Flow* flow = flow_of(*packet, now);
  if (!admit(flow, packet, now)) {
    ++queue->dropped;
    return false;
  }
  packet->time = now;
  flow->packets.push(packet);
  if (++packets_ > settings_.limit) {
    const uint64_t before = packets_;
    shed();
    queue->dropped += before - packets_;
  }
  return true;
}

void Fair::accept(Queue*, Packet* packet) {
  flow_of(*packet, packet->time)->packets.push(packet);
  ++packets_;
}

void Fair::shed() {
  Flow* fattest = &flows_[0];
  for (Flow& flow : flows_) {
    if (flow.packets.bytes() > fattest->packets.bytes()) fattest = &flow;
  }
  const uint64_t half = fattest->packets.bytes() / 2;
  for (int n = 0; n < 64 && fattest->packets.bytes() > half; ++n) {
    own_->sink.drop(fattest->packets.pop(), Cause::kQueueFull);
    --packets_;
  }
}

Packet* Fair::take(Flow* flow, Time now) {
  if (!pie_) {
    const uint32_t before = flow->packets.count();
    Packet* packet = flow->codel.pop(&flow->packets, settings_.codel, now, &own_->sink);
    packets_ -= before - flow->packets.count();
    return packet;
  }
  if (flow->packets.empty()) return nullptr;
  Packet* packet = flow->packets.pop();
  --packets_;
  flow->pie.left(*packet, flow->packets, settings_.pie, now);
  return packet;
}

Packet* Fair::dequeue(Time now) {
  for (;;) {
    const bool is_new = !new_.empty();
    Line* line = is_new ? &new_ : &old_;
    if (line->empty()) return nullptr;
    Flow* flow = line->head();
    if (flow->deficit < 0) {
      flow->deficit += settings_.quantum;
      line->pop();
      old_.push(flow);
      continue;
    }
    Packet* packet = take(flow, now);
    if (packet) {
      flow->deficit -= packet->length;
      return packet;
    }
    line->pop();
    if (is_new) {
      old_.push(flow);  // so that it cannot come back at once as a new one and starve the others
    } else {
      flow->active = false;
    }
  }
}

uint64_t Fair::inner_bytes() const {
  uint64_t sum = 0;
  for (const Flow& flow : flows_) sum += flow.packets.bytes();
  return sum;
}

void Fair::drain(PacketList* out) {
  for (Flow& flow : flows_) {
    out->take_all(&flow.packets);
    flow.active = false;
  }
  new_ = old_ = Line();
  packets_ = 0;
}

}  // namespace nm::emulator
