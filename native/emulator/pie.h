// PIE (RFC 8033): drops at the tail with a probability that a controller steers by the delay of the queue, every
// `update`.
#pragma once

#include "dice.h"
#include "drop_sink.h"
#include "settings.h"

namespace nm::emulator {

class Pie {
 public:
  // As if nothing had ever been queued.
  void reset(const PieSettings& settings, Time now);
  // Whether a packet may join. If not, it is dropped. `share`: how full the queue is, 0..1, for `onoff`.
  bool admit(Packet* packet, const PacketList& queue, double share, const PieSettings& settings, Time now, Dice* dice,
             DropSink* sink);
  // A packet was taken off the queue.
  void left(const Packet& packet, const PacketList& queue, const PieSettings& settings, Time now);

  double probability() const { return p_; }
  bool running() const { return running_; }

 private:
  // The controller's steps that are due by now, with the queue as it was since the last packet came or left.
  void catch_up(const PacketList& queue, const PieSettings& settings, Time now);
  void step(Time delay, const PieSettings& settings);
  Time delay_of(const PacketList& queue, const PieSettings& settings) const;
  bool early_drop(const PacketList& queue, const PieSettings& settings, Dice* dice);

  double p_ = 0;
  double accumulated_ = 0;  // so that drops come neither in bursts nor too rarely
  Time next_ = 0;           // step
  Time old_delay_ = 0;      // of the last step, and of the one before
  Time burst_left_ = 0;
  Time sojourn_ = 0;  // of the last packet that left
  // Departure rate: time per kCycle bytes, measured over stretches with a long queue.
  static constexpr uint64_t kCycle = 1 << 14;
  bool measuring_ = false;
  bool running_ = false;
  Time cycle_start_ = 0;
  uint64_t cycle_bytes_ = 0;
  double cycle_time_ = 0;
};

}  // namespace nm::emulator
