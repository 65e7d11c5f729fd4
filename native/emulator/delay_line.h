// Packets that have left the wire and are on their way. They come out in the order they went in, unless they were put
// in to overtake or to be overtaken.
#pragma once

#include <vector>

#include "packet_ring.h"

namespace nm::emulator {

class DelayLine {
 public:
  bool empty() const { return list_.empty() && strays_.empty(); }
  uint64_t count() const { return list_.count() + strays_.size(); }
  uint64_t bytes() const { return list_.bytes() + stray_bytes_; }
  // When the next packet comes out.
  Time next() const;
  // When the last packet in order comes out: no other one comes out earlier.
  Time last() const { return last_; }
  void set_last(Time last) { last_ = last > last_ ? last : last_; }

  // Packet::time says when it comes out; later if those before it are later.
  void push(Packet* packet);
  // Comes out at Packet::time, whatever the others do.
  void push_stray(Packet* packet);
  // The next one. There is one.
  Packet* pop();
  // The last one that was pushed in order comes out at another time, not before those before it.
  void move_last(Time difference);

 private:
  struct Stray {
    Time time;
    uint64_t number;
    Packet* packet;
    bool operator<(const Stray& o) const { return time != o.time ? time > o.time : number > o.number; }
  };
  PacketRing list_;
  std::vector<Stray> strays_;  // a heap
  uint64_t stray_bytes_ = 0;
  uint64_t strays_ever_ = 0;
  Time last_ = 0;
  Time last_but_one_ = 0;
};

inline Time DelayLine::next() const {
  const Time first = list_.empty() ? kNever : list_.head_time();
  return strays_.empty() || strays_.front().time > first ? first : strays_.front().time;
}

inline void DelayLine::push(Packet* packet) {
  if (packet->time < last_) packet->time = last_;
  last_but_one_ = last_;
  last_ = packet->time;
  list_.push(packet, last_);
}

}  // namespace nm::emulator
