// The requests of API 11 and older, which the kernel still serves: NIOCGINFO, NIOCREGIF, NIOCCONFIG.
#pragma once

#include <cstdint>

#include "constants.h"
#include "layout.h"

namespace nm {

// nmreq.nr_ringid
inline constexpr uint16_t NETMAP_RING_MASK = 0xfff;
inline constexpr uint16_t NETMAP_NO_TX_POLL = 0x1000;
inline constexpr uint16_t NETMAP_SW_RING = 0x2000;
inline constexpr uint16_t NETMAP_HW_RING = 0x4000;
inline constexpr uint16_t NETMAP_DO_RX_POLL = 0x8000;

// nmreq.nr_cmd
enum LegacyCmd : uint16_t {
  NETMAP_BDG_ATTACH = 1,
  NETMAP_BDG_DETACH,
  NETMAP_BDG_REGOPS,
  NETMAP_BDG_LIST,
  NETMAP_BDG_VNET_HDR,
  NETMAP_BDG_NEWIF,
  NETMAP_BDG_DELIF,
  NETMAP_PT_HOST_CREATE,
  NETMAP_PT_HOST_DELETE,
  NETMAP_BDG_POLLING_ON,
  NETMAP_BDG_POLLING_OFF,
  NETMAP_VNET_HDR_GET,
};
inline constexpr uint16_t NETMAP_BDG_HOST = 1;  // nr_arg1 of BDG_ATTACH

struct nmreq {
  char nr_name[kIfNameSize];
  uint32_t nr_version;
  uint32_t nr_offset;
  uint32_t nr_memsize;
  uint32_t nr_tx_slots;
  uint32_t nr_rx_slots;
  uint16_t nr_tx_rings;
  uint16_t nr_rx_rings;
  uint16_t nr_ringid;
  uint16_t nr_cmd;
  uint16_t nr_arg1;
  uint16_t nr_arg2;  // memory id
  uint32_t nr_arg3;  // extra buffers
  uint32_t nr_flags;
  uint32_t spare2[1];
};
NM_SIZE(nmreq, 60);
NM_FIELD(nmreq, nr_version, 16);
NM_FIELD(nmreq, nr_offset, 20);
NM_FIELD(nmreq, nr_memsize, 24);
NM_FIELD(nmreq, nr_tx_slots, 28);
NM_FIELD(nmreq, nr_rx_slots, 32);
NM_FIELD(nmreq, nr_tx_rings, 36);
NM_FIELD(nmreq, nr_rx_rings, 38);
NM_FIELD(nmreq, nr_ringid, 40);
NM_FIELD(nmreq, nr_cmd, 42);
NM_FIELD(nmreq, nr_arg1, 44);
NM_FIELD(nmreq, nr_arg2, 46);
NM_FIELD(nmreq, nr_arg3, 48);
NM_FIELD(nmreq, nr_flags, 52);
NM_FIELD(nmreq, spare2, 56);

struct nm_ifreq {
  char nifr_name[kIfNameSize];
  char data[kIfReqDataSize];
};
NM_SIZE(nm_ifreq, 272);
NM_FIELD(nm_ifreq, data, 16);

}  // namespace nm
