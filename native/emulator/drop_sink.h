// Where packets go that do not come out, and who counts marks.
#pragma once

#include "drops.h"
#include "packet_pool.h"

namespace nm::emulator {

struct DropSink {
  PacketPool* pool = nullptr;
  Drops drops;
  uint64_t marked = 0;

  void drop(Packet* packet, Cause cause) {
    ++drops[cause];
    pool->give(packet);
  }
};

}  // namespace nm::emulator
