// A netmap port for tests, through the device border: rings, frames, counters.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

#include "../abi/memory.h"
#include "../abi/option.h"
#include "../device/device.h"

namespace nm {

struct TestPort {
  std::unique_ptr<Device> device;
  std::shared_ptr<Mapping> mapping;
  nmreq_register request{};
  netmap_if* nifp = nullptr;
  Status status;

  explicit TestPort(const char* name, uint32_t slots = 0, uint32_t rings = 0, uint16_t mem_id = 0,
                    uint32_t mode = NR_REG_ALL_NIC, uint64_t flags = 0, nmreq_option* options = nullptr) {
    status = open_engine(&device);
    request.nr_mode = mode;
    request.nr_mem_id = mem_id;
    request.nr_flags = flags;
    request.nr_tx_slots = request.nr_rx_slots = slots;
    request.nr_tx_rings = request.nr_rx_rings = static_cast<uint16_t>(rings);
    nmreq_header header{};
    header.nr_version = kApi;
    header.nr_reqtype = NETMAP_REQ_REGISTER;
    std::strncpy(header.nr_name, name, sizeof header.nr_name - 1);
    header.nr_body = reinterpret_cast<uint64_t>(&request);
    header.nr_options = reinterpret_cast<uint64_t>(options);
    if (status.ok()) status = device->control(&header);
    if (status.ok()) status = device->map(request.nr_memsize, &mapping);
    if (status.ok()) nifp = reinterpret_cast<netmap_if*>(mapping->base() + request.nr_offset);
  }
  bool ok() const { return status.ok(); }

  netmap_ring* at(int64_t distance) const {
    return reinterpret_cast<netmap_ring*>(reinterpret_cast<uint8_t*>(nifp) + distance);
  }
  netmap_ring* tx(uint32_t i = 0) const { return at(nifp->ring_ofs()[i]); }
  netmap_ring* rx(uint32_t i = 0) const { return at(nifp->ring_ofs()[nifp->ni_tx_rings + 1 + i]); }
  static uint8_t* buffer(netmap_ring* ring, uint32_t slot) {
    return reinterpret_cast<uint8_t*>(ring) + ring->buf_ofs + size_t{ring->slots()[slot].buf_idx} * ring->nr_buf_size;
  }
  static uint32_t next(netmap_ring* ring, uint32_t i) { return i + 1 == ring->num_slots ? 0 : i + 1; }
  static uint32_t owned(netmap_ring* ring) {
    return ring->tail >= ring->head ? ring->tail - ring->head : ring->tail + ring->num_slots - ring->head;
  }

  // Queues one frame; false when there is no room. Destination and source are the last bytes of the addresses;
  // 0xff as destination is broadcast. The number goes to offset 44.
  bool queue(uint8_t to, uint8_t from, uint32_t number, uint16_t len = 60, uint32_t ring_index = 0) {
    netmap_ring* ring = tx(ring_index);
    if (!owned(ring)) return false;
    uint8_t* b = buffer(ring, ring->head);
    std::memset(b, to == 0xff ? 0xff : 0, 6);
    if (to != 0xff) b[0] = 2;
    b[5] = to;
    std::memset(b + 6, 0, len > 12 ? len - 6 : 6);
    b[6] = 2;
    b[11] = from;
    std::memcpy(b + 44, &number, sizeof number);
    ring->slots()[ring->head].len = len;
    ring->slots()[ring->head].flags = 0;
    ring->head = ring->cur = next(ring, ring->head);
    return true;
  }
  // Takes one received frame's number; false when there is none.
  bool take(uint32_t* number, uint32_t ring_index = 0) {
    netmap_ring* ring = rx(ring_index);
    if (!owned(ring)) return false;
    std::memcpy(number, buffer(ring, ring->head) + 44, sizeof *number);
    ring->head = ring->cur = next(ring, ring->head);
    return true;
  }
  Counters counters() const {
    Counters c;
    device->counters(&c);
    return c;
  }
};

// An engine folder of the test's own, removed at the end.
class TestFolder {
 public:
  TestFolder() {
    char name[] = "/dev/shm/nm-test-XXXXXX";
    path_ = mkdtemp(name);
    setenv("NODE_NETMAP_DIR", path_.c_str(), 1);
  }
  ~TestFolder() { (void)!std::system(("rm -rf " + path_).c_str()); }
  const std::string& path() const { return path_; }
  int files() const { return std::atoi(output("ls " + path_ + " | wc -l").c_str()); }

 private:
  static std::string output(const std::string& command) {
    char line[64] = "";
    FILE* p = popen(command.c_str(), "r");
    if (p && !std::fgets(line, sizeof line, p)) line[0] = 0;
    if (p) pclose(p);
    return line;
  }
  std::string path_;
};

}  // namespace nm
