// What a port has done, for devices that count (the kernel does not tell).
#pragma once

#include <cstdint>

namespace nm {

struct Counters {
  uint64_t tx_packets = 0, tx_bytes = 0;
  uint64_t rx_packets = 0, rx_bytes = 0;  // placed in this port's rx rings
  uint64_t drop_full = 0;                 // for this port, but its rx ring was full
  uint64_t drop_busy = 0;                 // for this port, but another sender held its ring too long (stopped process)
  uint64_t drop_bad = 0;                  // sent by this port: shorter than 14 bytes, too long, bad buffer or fragments
  uint64_t drop_unroutable = 0;           // sent by this port: to itself, to a port that is gone, or nobody else there
};

}  // namespace nm
