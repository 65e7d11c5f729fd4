// What a rule can send packets to: a queue by its number, or a pipe itself. A template for the queues of its flows, and
// the account of what came and went.
#pragma once

#include "dice.h"
#include "drop_sink.h"
#include "loss.h"
#include "settings.h"

namespace nm::emulator {

struct FlowSet {
  FlowSet(uint16_t number_, const QueueSettings& settings_, PacketPool* pool, DropLog* log, const Dice& dice)
      : number(number_), settings(settings_), loss(settings_.loss, dice) {
    sink.pool = pool;
    sink.log = log;
    sink.queue = number_;
  }
  uint16_t number;  // 0: of a pipe
  QueueSettings settings;
  Loss loss;
  DropSink sink;
  uint64_t packets = 0, bytes = 0;  // arrived, before any decision
  uint64_t seed = 0;                // of the decisions in its queues
  // RED's surroundings.
  uint32_t red_max_packet = 1500;
  Time red_average_packet = 0;
};

}  // namespace nm::emulator
