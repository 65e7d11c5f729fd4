// Constants of netmap's ABI (API 14): versions, flags, modes, request and option types.
#pragma once

#include <cstdint>

namespace nm {

inline constexpr uint16_t kApi = 14;  // what we speak
inline constexpr uint16_t kMinApi = 14;
inline constexpr uint16_t kMaxApi = 15;

inline constexpr uint32_t kCacheAlign = 128;
inline constexpr uint32_t kIfNameSize = 16;      // IFNAMSIZ
inline constexpr uint32_t kReqNameSize = 64;     // NETMAP_REQ_IFNAMSIZ
inline constexpr uint32_t kReqMaxSize = 4096;    // body plus options
inline constexpr uint32_t kMaxFrags = 64;        // slots of one frame
inline constexpr uint32_t kIfReqDataSize = 256;  // NM_IFRDATA_LEN
inline constexpr uint32_t kFirstBuffer = 2;      // buffers 0 and 1 are reserved

// netmap_slot.flags
inline constexpr uint16_t NS_BUF_CHANGED = 0x0001;
inline constexpr uint16_t NS_REPORT = 0x0002;
inline constexpr uint16_t NS_FORWARD = 0x0004;
inline constexpr uint16_t NS_NO_LEARN = 0x0008;
inline constexpr uint16_t NS_INDIRECT = 0x0010;
inline constexpr uint16_t NS_MOREFRAG = 0x0020;
inline constexpr uint16_t NS_TXMON = 0x0040;
inline constexpr uint16_t NS_PORT_SHIFT = 8;  // the high byte of an rx slot's flags: fragments of its frame
inline constexpr uint16_t NS_PORT_MASK = 0xff00;

// netmap_ring.flags
inline constexpr uint32_t NR_TIMESTAMP = 0x0002;
inline constexpr uint32_t NR_FORWARD = 0x0004;

// netmap_ring.dir, as the kernel writes it (its header's comment says the opposite)
inline constexpr uint16_t kDirRx = 0;
inline constexpr uint16_t kDirTx = 1;

// netmap_if.ni_flags
inline constexpr uint32_t NI_PRIV_MEM = 0x1;

// nmreq_header.nr_reqtype
enum ReqType : uint16_t {
  NETMAP_REQ_REGISTER = 1,
  NETMAP_REQ_PORT_INFO_GET,
  NETMAP_REQ_VALE_ATTACH,
  NETMAP_REQ_VALE_DETACH,
  NETMAP_REQ_VALE_LIST,
  NETMAP_REQ_PORT_HDR_SET,
  NETMAP_REQ_PORT_HDR_GET,
  NETMAP_REQ_VALE_NEWIF,
  NETMAP_REQ_VALE_DELIF,
  NETMAP_REQ_VALE_POLLING_ENABLE,
  NETMAP_REQ_VALE_POLLING_DISABLE,
  NETMAP_REQ_POOLS_INFO_GET,
  NETMAP_REQ_SYNC_KLOOP_START,
  NETMAP_REQ_SYNC_KLOOP_STOP,
  NETMAP_REQ_CSB_ENABLE,
};

// nmreq_option.nro_reqtype
enum OptType : uint32_t {
  NETMAP_REQ_OPT_EXTMEM = 1,
  NETMAP_REQ_OPT_SYNC_KLOOP_EVENTFDS,
  NETMAP_REQ_OPT_CSB,
  NETMAP_REQ_OPT_SYNC_KLOOP_MODE,
  NETMAP_REQ_OPT_OFFSETS,
  NETMAP_REQ_OPT_MAX,  // first invalid
};

// nmreq_register.nr_mode
enum RegMode : uint32_t {
  NR_REG_DEFAULT = 0,
  NR_REG_ALL_NIC = 1,
  NR_REG_SW = 2,
  NR_REG_NIC_SW = 3,
  NR_REG_ONE_NIC = 4,
  NR_REG_PIPE_MASTER = 5,  // legacy requests only
  NR_REG_PIPE_SLAVE = 6,   // legacy requests only
  NR_REG_NULL = 7,
  NR_REG_ONE_SW = 8,
};
inline constexpr uint32_t NR_REG_MASK = 0xf;

// nmreq_register.nr_flags
inline constexpr uint64_t NR_MONITOR_TX = 0x100;
inline constexpr uint64_t NR_MONITOR_RX = 0x200;
inline constexpr uint64_t NR_ZCOPY_MON = 0x400;
inline constexpr uint64_t NR_EXCLUSIVE = 0x800;
inline constexpr uint64_t NR_RX_RINGS_ONLY = 0x2000;
inline constexpr uint64_t NR_TX_RINGS_ONLY = 0x4000;
inline constexpr uint64_t NR_ACCEPT_VNET_HDR = 0x8000;
inline constexpr uint64_t NR_DO_RX_POLL = 0x10000;
inline constexpr uint64_t NR_NO_TX_POLL = 0x20000;

inline constexpr uint32_t NETMAP_POLLING_MODE_SINGLE_CPU = 1;
inline constexpr uint32_t NETMAP_POLLING_MODE_MULTI_CPU = 2;

inline constexpr uint32_t NM_OPT_SYNC_KLOOP_DIRECT_TX = 1;
inline constexpr uint32_t NM_OPT_SYNC_KLOOP_DIRECT_RX = 2;

}  // namespace nm
