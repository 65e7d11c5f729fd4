// What the engine can tell about itself beyond netmap's ABI: ports, owners, counters, folder, limits.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "../device/counters.h"
#include "../device/status.h"

namespace nm {

struct PortReport {
  std::string name;    // as opened: "vale0:a", "netmap:x{1", "null", "vale0:a/r"
  std::string kind;    // "vale", "pipe", "null", "monitor"
  bool ended = false;  // of a monitor: the port that it watched has gone
  std::string switch_name;
  bool persistent = false;   // stays when nobody has it open
  std::string link;          // of a persistent port on two switches: its name on the second
  uint32_t vnet_header = 0;  // bytes of the virtio-net header before each frame
  uint32_t port_index = 0;
  uint32_t mem_id = 0;
  uint32_t tx_rings = 0, rx_rings = 0, tx_slots = 0, rx_slots = 0;
  std::vector<uint32_t> tx_used, rx_used;  // slots that hold frames, ring by ring: not yet taken, not yet read
  uint64_t memory_bytes = 0;               // of its region, committed so far
  std::vector<uint32_t> owners;            // process ids of open descriptors, as each wrote it
  Counters counters;
};

// A port whose process ended without closing it.
struct ReclaimedPort {
  std::string name;
  uint32_t pid = 0;
  uint64_t at = 0;  // seconds since 1970
};

struct EngineReport {
  std::string folder;
  bool present = false;  // whether anything is there
  uint32_t layout_version = 0;
  uint32_t max_switches = 0, max_ports = 0, buf_size = 0;
  std::vector<PortReport> ports;
  std::vector<ReclaimedPort> reclaimed;  // the latest, oldest first
};

// Looks, cleans up after the dead, and creates nothing.
Status engine_report(EngineReport* out);

// The folder that the engine uses or would use, and whether it may: same checks as an open, nothing is created.
Status engine_folder(std::string* path);

}  // namespace nm
