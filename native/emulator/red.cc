#include "red.h"

#include <cmath>

#include "ecn.h"

namespace nm::emulator {

void Red::update(double length, const Setting& setting, Time now) {
  const double w = setting.queue.red.weight;
  if (length > 0) {
    average_ += w * (length - average_);
  } else if (average_ > 0) {
    // As if so many packets had passed an empty queue meanwhile.
    const double missed = setting.average_packet > 0
                              ? static_cast<double>(now - idle_since_) / static_cast<double>(setting.average_packet)
                              : 1e9;
    average_ *= std::pow(1 - w, missed);
    idle_since_ = now;
  }
}

bool Red::hit(const Packet& packet, const Setting& setting, Dice* dice) {
  const RedSettings& red = setting.queue.red;
  if (average_ < red.min || (average_ == red.min && red.min < red.max)) {
    count_ = -1;
    return false;
  }
  double p;
  if (average_ >= red.max) {
    if (setting.queue.aqm == Aqm::kRed || red.min == red.max) {
      count_ = -1;
      return true;
    }
    p = (1 - red.max_p) / red.max * average_ - (1 - 2 * red.max_p);  // gentle: 1 at twice max_th
  } else {
    p = red.max_p * (average_ - red.min) / (red.max - red.min);
  }
  if (setting.queue.size.bytes) p *= static_cast<double>(packet.length) / setting.max_packet;
  if (p <= 0) return false;
  if (++count_ == 0) {
    threshold_ = dice->uniform();
    return p >= 1;
  }
  if (p * static_cast<double>(count_) <= threshold_) return false;
  count_ = 0;
  threshold_ = dice->uniform();
  return true;
}

bool Red::admit(Packet* packet, const PacketList& queue, const Setting& setting, Time now, Dice* dice, DropSink* sink) {
  const bool bytes = setting.queue.size.bytes;
  update(bytes ? static_cast<double>(queue.bytes()) : queue.count(), setting, now);
  if (!hit(*packet, setting, dice)) return true;
  if (setting.queue.ecn && mark_congestion(packet->data(), packet->length)) {
    ++sink->marked;
    return true;
  }
  sink->drop(packet, Cause::kRed);
  return false;
}

}  // namespace nm::emulator
