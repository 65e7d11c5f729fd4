// What a program sees in a mapped region: interface, rings, slots (64-bit layout). Byte order is the host's.
#pragma once

#include <cstdint>

#include "constants.h"
#include "layout.h"

namespace nm {

struct netmap_slot {
  uint32_t buf_idx;  // buffer this slot points at
  uint16_t len;      // bytes in the buffer: the user's on tx, the device's on rx
  uint16_t flags;    // NS_*
  uint64_t ptr;      // payload offset (offsets option) or user address (NS_INDIRECT)
};
NM_SIZE(netmap_slot, 16);
NM_FIELD(netmap_slot, buf_idx, 0);
NM_FIELD(netmap_slot, len, 4);
NM_FIELD(netmap_slot, flags, 6);
NM_FIELD(netmap_slot, ptr, 8);

struct netmap_timeval {
  int64_t tv_sec;
  int64_t tv_usec;
};

struct alignas(kCacheAlign) netmap_ring {
  int64_t buf_ofs;  // from this struct to buffer 0
  uint32_t num_slots;
  uint32_t nr_buf_size;
  uint16_t ringid;
  uint16_t dir;   // kDirRx or kDirTx
  uint32_t head;  // first slot the user owns
  uint32_t cur;   // wake-up point: head <= cur <= tail
  uint32_t tail;  // first slot the device owns
  uint32_t flags;
  netmap_timeval ts;  // time of the last rxsync
  uint64_t offset_mask;
  uint64_t buf_align;
  alignas(kCacheAlign) uint8_t sem[128];

  netmap_slot* slots() { return reinterpret_cast<netmap_slot*>(this + 1); }
};
NM_SIZE(netmap_ring, 256);
NM_FIELD(netmap_ring, buf_ofs, 0);
NM_FIELD(netmap_ring, num_slots, 8);
NM_FIELD(netmap_ring, nr_buf_size, 12);
NM_FIELD(netmap_ring, ringid, 16);
NM_FIELD(netmap_ring, dir, 18);
NM_FIELD(netmap_ring, head, 20);
NM_FIELD(netmap_ring, cur, 24);
NM_FIELD(netmap_ring, tail, 28);
NM_FIELD(netmap_ring, flags, 32);
NM_FIELD(netmap_ring, ts, 40);
NM_FIELD(netmap_ring, offset_mask, 56);
NM_FIELD(netmap_ring, buf_align, 64);
NM_FIELD(netmap_ring, sem, 128);

struct netmap_if {
  char ni_name[kIfNameSize];
  uint32_t ni_version;  // the kernel leaves it 0
  uint32_t ni_flags;
  uint32_t ni_tx_rings;
  uint32_t ni_rx_rings;
  uint32_t ni_bufs_head;  // first extra buffer, 0 = none; each buffer's first u32 names the next
  uint32_t ni_host_tx_rings;
  uint32_t ni_host_rx_rings;
  uint32_t ni_spare1[3];

  // Distance from this struct to each ring: NIC tx, host tx, NIC rx, host rx; 0 = not bound.
  int64_t* ring_ofs() { return reinterpret_cast<int64_t*>(this + 1); }
};
NM_SIZE(netmap_if, 56);
NM_FIELD(netmap_if, ni_name, 0);
NM_FIELD(netmap_if, ni_version, 16);
NM_FIELD(netmap_if, ni_flags, 20);
NM_FIELD(netmap_if, ni_tx_rings, 24);
NM_FIELD(netmap_if, ni_rx_rings, 28);
NM_FIELD(netmap_if, ni_bufs_head, 32);
NM_FIELD(netmap_if, ni_host_tx_rings, 36);
NM_FIELD(netmap_if, ni_host_rx_rings, 40);
NM_FIELD(netmap_if, ni_spare1, 44);

}  // namespace nm
