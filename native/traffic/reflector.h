// Sends back what it receives, with the addresses exchanged: the other end of a ping.
#pragma once

#include <cstdint>
#include <vector>

#include "../device/device.h"
#include "receiver.h"
#include "tx_ring.h"

namespace nm::traffic {

struct ReflectorCounters {
  uint64_t packets = 0;  // sent back
  uint64_t bytes = 0;
  int64_t first = 0;
  int64_t last = 0;
};

class Reflector {
 public:
  Reflector(uint64_t count, TxRing tx, std::vector<RxRing> rx)
      : count_(count), tx_(std::move(tx)), rx_(std::move(rx)) {}

  // Goes on until `until`, until nothing has come for `quiet` ns, or until the count is reached. Returns an errno.
  int run(Device& device, int64_t until, int64_t quiet);
  bool done() const { return counters_.packets >= count_; }
  const ReflectorCounters& counters() const { return counters_; }
  TxRing& tx() { return tx_; }
  std::vector<RxRing>& rx() { return rx_; }

  // Exchanges MAC and IP addresses and ports, and makes an echo request a reply. Checksums stay right.
  static void turn_round(uint8_t* frame, uint32_t length);

 private:
  static uint32_t frame_slots(const RxRing& from, uint32_t i, uint32_t most);
  void copy_slot(const RxRing& from, uint32_t i, bool first, bool more);
  uint32_t answer(RxRing& ring);

  const uint64_t count_;
  TxRing tx_;
  std::vector<RxRing> rx_;
  ReflectorCounters counters_;
};

}  // namespace nm::traffic
