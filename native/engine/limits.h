// How much of everything an engine folder can hold. The first process to use a folder decides for all, but for the
// pipes, which concern only the memory of the ports that a process makes.
#pragma once

#include <cstdint>

#include "../device/status.h"

namespace nm {

inline constexpr uint32_t kMaxRings = 16;    // of one port, each way
inline constexpr uint32_t kMaxSlots = 4096;  // of one ring
inline constexpr uint32_t kDefaultSlots = 1024;
inline constexpr uint32_t kMaxPortsLimit = 4094;

struct Limits {
  uint32_t switches = 8;  // NODE_NETMAP_SWITCHES, 1..64
  uint32_t ports = 252;   // per switch: NODE_NETMAP_PORTS, 2..4094
  uint32_t pipes = 2;     // pipe pairs that a port's region has room for beyond its own rings: NODE_NETMAP_PIPES, 0..64
  uint32_t buf_size = 2112;  // NODE_NETMAP_BUF_SIZE, 64..65472 in steps of 64. An odd number of cache lines, because
                             // 2048 puts the first lines of all buffers into two sets of the L1 cache.
  // The region with memory id 1: NODE_NETMAP_IF_NUM, NODE_NETMAP_RING_NUM, ... It is made when first used.
  uint32_t if_num = 100;
  uint32_t ring_num = 200;
  uint32_t ring_size = 36864;
  uint32_t buf_num = 163840;
  // What a region of a port's own has at least: NODE_NETMAP_PRIV_IF_NUM, ...
  uint32_t priv_if_num = 2;
  uint32_t priv_ring_num = 4;
  uint32_t priv_ring_size = 20480;
  uint32_t priv_buf_num = 4098;
  uint32_t adapters() const { return switches * (ports < 1024 ? 1024 : ports); }
  uint32_t descriptors() const { return adapters() + 1024; }
  uint32_t regions() const { return adapters() < 60000 ? adapters() : 60000; }

  static Status from_environment(Limits* out);
  // What this process sets for itself, in limits of a folder that others have made.
  Status own_from_environment();
  // Whether all numbers are within their bounds: limits that were read from a file may be anything.
  bool sane() const;
};

}  // namespace nm
