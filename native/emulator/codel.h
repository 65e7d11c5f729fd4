// CoDel (RFC 8289): drops at the head of a queue once packets have waited longer than `target` for an `interval`, at
// moments interval/sqrt(count) apart. The square root is a real one: dummynet's approximation has gone wrong by the
// time an old count is taken up again.
#pragma once

#include "drop_sink.h"
#include "settings.h"

namespace nm::emulator {

class Codel {
 public:
  // Takes the next packet to be sent off `queue`; null when there is none, or none is left after the drops.
  Packet* pop(PacketList* queue, const CodelSettings& settings, Time now, DropSink* sink);

 private:
  Packet* take(PacketList* queue, const CodelSettings& settings, Time now, bool* ok_to_drop);
  // Drops `packet`, or marks and keeps it. True when it is gone.
  static bool signal(Packet* packet, const CodelSettings& settings, DropSink* sink);
  Time next_after(Time t, const CodelSettings& settings) const;

  Time first_above_ = 0;  // 0: the delay is below target
  Time next_ = 0;
  uint32_t count_ = 0;
  uint32_t last_count_ = 0;
  uint32_t largest_ = 500;  // packet seen
  bool dropping_ = false;
};

}  // namespace nm::emulator
