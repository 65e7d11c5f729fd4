// RED and gentle RED: drops at the tail by the average length of the queue.
#pragma once

#include "dice.h"
#include "drop_sink.h"
#include "settings.h"

namespace nm::emulator {

class Red {
 public:
  // What it has to know of its surroundings.
  struct Setting {
    const QueueSettings& queue;
    uint32_t max_packet;  // red_max_pkt_size
    Time average_packet;  // ns that a packet of average size takes on the link, 0: no time
  };
  // Whether a packet may join. If not, it is dropped. With `ecn` it is marked instead, with the same probability; with
  // min_th = max_th every packet is marked above it (a step, as DCTCP wants it).
  bool admit(Packet* packet, const PacketList& queue, const Setting& setting, Time now, Dice* dice, DropSink* sink);
  // The queue has become empty.
  void idle(Time now) { idle_since_ = now; }

  double average() const { return average_; }

 private:
  void update(double length, const Setting& setting, Time now);
  bool hit(const Packet& packet, const Setting& setting, Dice* dice);

  double average_ = 0;
  double threshold_ = 0;  // drawn anew after each hit: gaps are uniform on 1..1/p
  int64_t count_ = -1;    // packets since the last one
  Time idle_since_ = 0;
};

}  // namespace nm::emulator
