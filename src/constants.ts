/** Slot flags, see {@link Ring.flags}. */
export const NS = {
  /** The slot's `buf_idx` has been changed. */
  BUF_CHANGED: 0x0001,
  /** Tell when this slot has been sent, rather than at leisure. */
  REPORT: 0x0002,
  /** With {@link NR.FORWARD}: hand the released slot on to the other side (NIC to host, host to NIC). */
  FORWARD: 0x0004,
  /** Documented for VALE and ignored by the kernel. */
  NO_LEARN: 0x0008,
  /** The payload lies in user memory at the slot's pointer (VALE tx only), see {@link Port.indirect}. */
  INDIRECT: 0x0010,
  /** The frame continues in the next slot. */
  MOREFRAG: 0x0020,
  /** On monitors: the frame was transmitted by the port that is watched. */
  TXMON: 0x0040,
  /** An rx slot's flags, shifted by this, are the number of slots of its frame. */
  PORT_SHIFT: 8,
  PORT_MASK: 0xff00,
} as const;

/** Ring flags (`TIMESTAMP`, `FORWARD`) and flags of a registration. */
export const NR = {
  /** Ring: stamp {@link Ring.timestamp} at each sync. */
  TIMESTAMP: 0x0002,
  /** Ring: act on {@link NS.FORWARD}. */
  FORWARD: 0x0004,
  MONITOR_TX: 0x100,
  MONITOR_RX: 0x200,
  ZCOPY_MON: 0x400,
  EXCLUSIVE: 0x800,
  RX_RINGS_ONLY: 0x2000,
  TX_RINGS_ONLY: 0x4000,
  ACCEPT_VNET_HDR: 0x8000,
  DO_RX_POLL: 0x10000,
  NO_TX_POLL: 0x20000,
} as const;

/** Events of {@link Port.poll}. */
export const POLL = {
  /** Packets to read. */
  IN: 0x1,
  /** Room to write. */
  OUT: 0x4,
  /** Something is wrong, and no sync says what. */
  ERR: 0x8,
} as const;

/** Version of netmap's API that this library speaks. */
export const NETMAP_API = 14;

/** Most slots that one frame may span. */
export const MAX_FRAGS = 64;

/** Buffers 0 and 1 of every region are reserved. */
export const FIRST_BUFFER = 2;

/** Request types (`nmreq_header.nr_reqtype`). */
export const REQ = {
  REGISTER: 1,
  PORT_INFO_GET: 2,
  VALE_ATTACH: 3,
  VALE_DETACH: 4,
  VALE_LIST: 5,
  PORT_HDR_SET: 6,
  PORT_HDR_GET: 7,
  VALE_NEWIF: 8,
  VALE_DELIF: 9,
  VALE_POLLING_ENABLE: 10,
  VALE_POLLING_DISABLE: 11,
  POOLS_INFO_GET: 12,
  SYNC_KLOOP_START: 13,
  SYNC_KLOOP_STOP: 14,
  CSB_ENABLE: 15,
} as const;

/** Option types (`nmreq_option.nro_reqtype`). */
export const OPT = { EXTMEM: 1, SYNC_KLOOP_EVENTFDS: 2, CSB: 3, SYNC_KLOOP_MODE: 4, OFFSETS: 5 } as const;

/** Register modes (`nmreq_register.nr_mode`) by the names that this library gives them. */
export const MODE = { all: 1, host: 2, 'all+host': 3, ring: 4, null: 7, 'host-ring': 8 } as const;
