// Where packets go that do not come out, and who counts marks.
#pragma once

#include "drop_log.h"
#include "drops.h"
#include "packet_pool.h"

namespace nm::emulator {

struct DropSink {
  PacketPool* pool = nullptr;
  DropLog* log = nullptr;
  uint16_t pipe = 0, queue = 0;  // whose it is
  Drops drops;
  uint64_t marked = 0;

  void drop(Packet* packet, Cause cause) {
    count(cause, packet->length, packet->id, packet->port);
    pool->give(packet);
  }
  // One that never came in.
  void count(Cause cause, uint32_t length, uint32_t id, uint8_t port) {
    ++drops[cause];
    log->add(pipe, queue, cause, length, id, port);
  }
};

}  // namespace nm::emulator
