#include "codel.h"

#include <algorithm>
#include <cmath>

#include "ecn.h"

namespace nm::emulator {

Packet* Codel::take(PacketList* queue, const CodelSettings& settings, Time now, bool* ok_to_drop) {
  *ok_to_drop = false;
  if (queue->empty()) {
    first_above_ = 0;
    return nullptr;
  }
  Packet* packet = queue->pop();
  largest_ = std::max<uint32_t>(largest_, packet->length);
  if (now - packet->time < settings.target || queue->bytes() <= largest_) {
    first_above_ = 0;
  } else if (first_above_ == 0) {
    first_above_ = now + settings.interval;
  } else {
    *ok_to_drop = now >= first_above_;
  }
  return packet;
}

bool Codel::signal(Packet* packet, const CodelSettings& settings, DropSink* sink) {
  if (settings.ecn && mark_congestion(packet->data(), packet->length)) {
    ++sink->marked;
    return false;
  }
  sink->drop(packet, Cause::kCodel);
  return true;
}

Time Codel::next_after(Time t, const CodelSettings& settings) const {
  return t + static_cast<Time>(static_cast<double>(settings.interval) / std::sqrt(static_cast<double>(count_)));
}

Packet* Codel::pop(PacketList* queue, const CodelSettings& settings, Time now, DropSink* sink) {
  bool ok_to_drop;
  Packet* packet = take(queue, settings, now, &ok_to_drop);
  if (!packet) {
    dropping_ = false;
    return nullptr;
  }
  if (dropping_) {
    if (!ok_to_drop) dropping_ = false;
    while (dropping_ && now >= next_) {
      ++count_;
      if (!signal(packet, settings, sink)) {
        next_ = next_after(next_, settings);
        return packet;
      }
      packet = take(queue, settings, now, &ok_to_drop);
      if (!ok_to_drop) {
        dropping_ = false;
      } else {
        next_ = next_after(next_, settings);
      }
    }
  } else if (ok_to_drop) {
    const bool gone = signal(packet, settings, sink);
    if (gone) packet = take(queue, settings, now, &ok_to_drop);
    dropping_ = true;
    // Soon after the last episode the rate that was found then is taken up again.
    const uint32_t delta = count_ - last_count_;
    count_ = delta > 1 && now - next_ < 16 * settings.interval ? delta : 1;
    next_ = next_after(now, settings);
    last_count_ = count_;
  }
  return packet;
}

}  // namespace nm::emulator
