/**
 * Which rings of a port an open binds, as the name says it.
 *
 * - `all`: every ring of the network card, of the VALE port or of the pipe end (no suffix)
 * - `host`: the host rings (`^`)
 * - `all+host`: both (`*`)
 * - `ring`: one ring pair (`-N`)
 * - `host-ring`: one host ring pair (`^N`)
 * - `null`: no port at all: rings whose packets go nowhere (`null:`)
 */
export type PortMode = 'all' | 'host' | 'all+host' | 'ring' | 'host-ring' | 'null';

/** The letters behind the `/` of a port name. */
export interface NameFlags {
  /** `x`: nobody else may open the port. */
  exclusive: boolean;
  /** `z`: the monitor shares the buffers of the port that it watches. */
  zeroCopyMonitor: boolean;
  /** `t`: monitor what the port transmits. */
  monitorTx: boolean;
  /** `r`: monitor what the port receives. */
  monitorRx: boolean;
  /** `R`: bind receive rings only. */
  rxOnly: boolean;
  /** `T`: bind transmit rings only. */
  txOnly: boolean;
}

/** Ring and slot counts wanted by `@conf`; what is absent or 0 is left to the device. */
export interface NameConf {
  /** Transmit rings, 0 to 65535. */
  txRings?: number;
  /** Receive rings, 0 to 65535. */
  rxRings?: number;
  /** Host transmit rings, 0 to 65535. */
  hostTxRings?: number;
  /** Host receive rings, 0 to 65535. */
  hostRxRings?: number;
  /** Slots in each transmit ring, 0 to 2^32 - 1. */
  txSlots?: number;
  /** Slots in each receive ring, 0 to 2^32 - 1. */
  rxSlots?: number;
}

/** What `@extmem` says: a file to be used as the port's memory, and how to divide it; absent = the device decides. */
export interface NameExtmem {
  /** Path of the file, as written. */
  file: string;
  /** Number of `netmap_if` objects. */
  ifNum?: number;
  /** Bytes of one `netmap_if` object. */
  ifSize?: number;
  /** Number of rings. */
  ringNum?: number;
  /** Bytes of one ring. */
  ringSize?: number;
  /** Number of buffers. */
  bufNum?: number;
  /** Bytes of one buffer. */
  bufSize?: number;
}

/** What `@offset` says: payloads may start behind the beginning of their buffer. */
export interface NameOffset {
  /** Bytes between the start of a buffer and the payload at open; also the largest offset allowed. */
  initial: number;
  /** How many bits of `slot.ptr` hold the offset; 0 = all 64. */
  bits: number;
}

/** A port name taken apart, see {@link parsePortName}. */
export interface ParsedName {
  /** What the device is asked for: without `netmap:`, with `valeX:`, pipe suffix included; empty for a null port. */
  name: string;
  /** Which rings are bound. */
  mode: PortMode;
  /** Index of the one ring of the modes `ring` and `host-ring`, 0 to 4094; 0 in all other modes. */
  ring: number;
  /** The letters behind `/`. */
  flags: NameFlags;
  /** Memory region wanted, 0 = the port's own default. */
  memId: number;
  /** Name (in the form of `name`) of the port whose memory region is to be used as well. */
  share?: string;
  /** Ring and slot counts. */
  conf: NameConf;
  /** Memory from a file. */
  extmem?: NameExtmem;
  /** Payload offsets. */
  offset?: NameOffset;
}
