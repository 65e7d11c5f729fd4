#include "queue.h"

namespace nm::emulator {

Queue::Queue(FlowSet* set_, const FlowKey& key_, Time now) : set(set_), key(key_), used(now) {
  manage(now);
}

void Queue::manage(Time now) {
  const bool managed = set->settings.aqm != Aqm::kTail;
  if (managed && !management) {
    management = std::make_unique<Management>(set->settings, Dice(set->seed, key.hash(0)), now);
  } else if (!managed) {
    management.reset();
  }
}

bool Queue::full(const Packet& packet) const {
  const QueueSize& size = set->settings.size;
  return size.bytes ? packets.bytes() + packet.length > size.value : packets.count() >= size.value;
}

bool Queue::push(Packet* packet, Time now) {
  ++arrived_packets;
  arrived_bytes += packet->length;
  if (management ? !admit(packet, now) : full(*packet)) {
    if (!management) set->sink.drop(packet, Cause::kQueueFull);
    ++dropped;
    used = now;
    return false;
  }
  packet->time = now;
  accept(packet);
  return true;
}

void Queue::note_long(const Packet* packet) {
  if (!runway) runway = std::make_unique<Runway>();
  runway->push(packet, packets.count());
}

// What queue management lets pass; the queue's size is a limit for all kinds of it.
bool Queue::admit(Packet* packet, Time now) {
  const QueueSettings& s = set->settings;
  DropSink* sink = &set->sink;
  if (s.aqm == Aqm::kRed || s.aqm == Aqm::kGred) {
    const Red::Setting setting{s, set->red_max_packet, set->red_average_packet};
    if (!management->red.admit(packet, packets, setting, now, &management->dice, sink)) return false;
  } else if (s.aqm == Aqm::kPie && !full(*packet)) {
    const auto fill = static_cast<double>(s.size.bytes ? packets.bytes() : packets.count());
    const double share = fill / static_cast<double>(s.size.value);
    if (!management->pie.admit(packet, packets, share, s.pie, now, &management->dice, sink)) return false;
  }
  if (!full(*packet)) return true;
  sink->drop(packet, Cause::kQueueFull);
  return false;
}

Packet* Queue::pop_managed(Time now) {
  const QueueSettings& s = set->settings;
  Packet* packet;
  if (s.aqm == Aqm::kCodel) {
    const uint64_t before = set->sink.drops[Cause::kCodel];
    packet = management->codel.pop(&packets, s.codel, now, &set->sink);
    dropped += set->sink.drops[Cause::kCodel] - before;
    return packet;
  }
  if (packets.empty()) return nullptr;
  packet = packets.pop();
  if (s.aqm == Aqm::kPie) management->pie.left(*packet, packets, s.pie, now);
  if (packets.empty()) management->red.idle(now);
  return packet;
}

}  // namespace nm::emulator
