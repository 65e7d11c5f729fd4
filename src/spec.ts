import { checkBoolean, checkInteger, checkObject, checkString, outOfRange, wrongType, wrongValue } from './check';
import { MODE, NR } from './constants';
import type { PoolSizes, RegisterFields } from './abi';
import type { DeviceKind } from './native';
import { parsePortName, type ParsedName, type PortMode } from './name';

/** What the name of a port does not say, or is to say otherwise. All fields are optional. */
export interface PortOptions {
  /**
   * The device to use. Default: the environment variable `NODE_NETMAP_DEVICE`; without it the kernel module where it is
   * present and usable, else the engine.
   */
  device?: DeviceKind;
  /** Name of the interface or port, taken literally (`eth-0`, `vale0:a`, `p{1`): not subject to the name grammar. */
  name?: string;
  /** Which rings to bind. Default `all`, or `ring` when `ring` is given. */
  mode?: PortMode;
  /** Index of the ring (modes `ring` and `host-ring`). */
  ring?: number;
  /** Numbers of rings wanted, 0 to 65535; 0 = the device's default. */
  txRings?: number;
  rxRings?: number;
  hostTxRings?: number;
  hostRxRings?: number;
  /** Slots wanted in each ring; 0 = the device's default. */
  txSlots?: number;
  rxSlots?: number;
  /** Id of the memory region to use, 1 to 65535; 0 = the port's own. */
  memId?: number;
  /** Buffers wanted beyond those in the rings, see {@link Port.extraBuffers}. The device may give fewer. */
  extraBuffers?: number;
  /** Refuse to share the port with another open, before or after. */
  exclusive?: boolean;
  /** Bind rx rings only. */
  rxOnly?: boolean;
  /** Bind tx rings only. */
  txOnly?: boolean;
  /** Waiting for packets does not send what lies in the tx rings. */
  noTxPoll?: boolean;
  /** Waiting for room also looks for packets. Documented by netmap, and ignored by its module. */
  doRxPoll?: boolean;
  /** Accept a port whose packets begin with a virtio-net header. */
  acceptVnetHdr?: boolean;
  /**
   * Keep head, cur and tail in memory outside the rings, where a sync loop in a thread of its own looks after them: syncs
   * are no system calls then. Makes a {@link CsbPort}, and implies `exclusive`.
   */
  csb?: boolean;
  /**
   * Watch a port that somebody has open, instead of using it: what it receives, what it transmits, or both. With
   * `zeroCopy` always both: the monitor is handed the buffers themselves, once they have been read or sent. A monitor
   * receives only, so it has no tx rings unless `rxOnly` is set to false; those send nothing.
   */
  monitor?: { rx?: boolean; tx?: boolean; zeroCopy?: boolean };
  /**
   * Lets payloads begin inside their buffers, with room for headers before them ({@link Ring.headroom}): each slot says
   * where. A number is short for `{ initial: number }`.
   */
  offset?: number | OffsetOptions;
  /** Memory for the port's region, instead of the device's own. */
  extmem?: ExtmemOptions;
}

/**
 * Memory to be used as the port's region: from a file, or of its own (`bytes`, of huge pages if wanted). What the pools take
 * less than there is becomes buffers. Other ports come into it by `memId`, or by naming the same file again, also in other
 * processes; all of them must be gone before the numbers can be others.
 *
 * The kernel's module needs to be built for it (`./configure --enable-extmem`; always on FreeBSD), and on ordinary pages it
 * finds room for short rings only: 240 slots, because objects must lie in one piece in physical memory.
 */
export interface ExtmemOptions {
  /** A file that is not emptied or shortened while it is in use, for example of a hugetlbfs: `/dev/hugepages/x`. */
  file?: string;
  /** Bytes of memory. With `file`: the file is made, or made larger, if it has less. */
  bytes?: number;
  /** Memory of huge pages, of the system's default size. Without `file` only. */
  hugePages?: boolean;
  /** Objects in the pools: open ports, rings, buffers. Defaults 2, 4, 4098; a port needs a ring each way. */
  ifNum?: number;
  ringNum?: number;
  bufNum?: number;
  /**
   * Their sizes in bytes, defaults 1024, 20480, and the device's own buffer size. A ring of n slots takes 256 + 16 n; the
   * engine takes multiples of 8, 128 and 64.
   */
  ifSize?: number;
  ringSize?: number;
  bufSize?: number;
}

/** Where payloads begin in their buffers. Refused with `EBUSY` when the port is open with less. */
export interface OffsetOptions {
  /** Offset that the slots of a new ring begin with, in bytes. Default 0. */
  initial?: number;
  /** Largest offset, at most the buffer size; the device cuts larger ones. Default `initial`. */
  max?: number;
  /** How many low bits of a slot's pointer hold the offset, 0 to 64; 0 (the default) means all 64. */
  bits?: number;
}

/** A port described without the name grammar: `{ name: 'eth-0', mode: 'ring', ring: 2 }`. */
export type StructuredSpec = PortOptions & ({ name: string } | { mode: 'null' });

/** External memory, as the native side is asked for it. */
export interface WantedMemory {
  file: string | null;
  bytes: number;
  hugePages: boolean;
  sizes: PoolSizes;
}

/** Everything an open asks of the device. */
export interface Wanted {
  /** For messages: as the caller named it. */
  label: string;
  device: DeviceKind | undefined;
  /** `nr_name` */
  name: string;
  fields: RegisterFields;
  /** Whether the port watches another one. */
  monitor: boolean;
  share: string | undefined;
  offset: Required<OffsetOptions> | undefined;
  csb: boolean;
  extmem: WantedMemory | undefined;
}

const COUNTS = ['txRings', 'rxRings', 'hostTxRings', 'hostRxRings', 'txSlots', 'rxSlots'] as const;
const FLAGS = {
  exclusive: NR.EXCLUSIVE,
  rxOnly: NR.RX_RINGS_ONLY,
  txOnly: NR.TX_RINGS_ONLY,
  noTxPoll: NR.NO_TX_POLL,
  doRxPoll: NR.DO_RX_POLL,
  acceptVnetHdr: NR.ACCEPT_VNET_HDR,
} as const;
const KEYS = [
  'device',
  'name',
  'mode',
  'ring',
  'memId',
  'extraBuffers',
  'csb',
  'monitor',
  'offset',
  'extmem',
  ...COUNTS,
  ...Object.keys(FLAGS),
];

const MONITOR = NR.MONITOR_RX | NR.MONITOR_TX | NR.ZCOPY_MON;

const MAX_U16 = 0xffff;
const MAX_U32 = 0xffffffff;
const MAX_RING = 4094;
const MAX_NAME = 63;

/** Checks everything that can be checked without a device, so that nothing has changed when it throws. */
export function readSpec(spec: string | StructuredSpec, options: PortOptions | undefined): Wanted {
  if (options !== undefined) checkObject('options', options, KEYS);
  if (typeof spec === 'string') {
    const parsed = parsePortName(spec);
    return combine(spec, parsed, options ?? {});
  }
  if (typeof spec !== 'object' || spec === null) throw wrongType('spec', 'a port name or an object', spec);
  checkObject('spec', spec, KEYS);
  const merged = { ...spec, ...options };
  if (merged.name === undefined && merged.mode !== 'null') throw wrongValue('spec', 'needs a name', spec);
  return combine(merged.name ?? 'null:', undefined, merged);
}

function combine(label: string, parsed: ParsedName | undefined, options: PortOptions): Wanted {
  const device = readDevice('options.device', options.device);
  const mode = readMode(parsed, options);
  const ring = readRing(mode, parsed, options);
  const name = readName(mode, parsed, options);
  const counts = readCounts(mode, parsed, options);
  const memId = checkInteger('options.memId', options.memId ?? parsed?.memId ?? 0, 0, MAX_U16);
  const flags = readFlags(mode, parsed, options);
  const extmem = readExtmem(memId, parsed, options);
  return {
    label,
    device,
    name,
    monitor: (flags & MONITOR) !== 0,
    fields: {
      ...counts,
      mode: MODE[mode],
      ringId: ring,
      // A null port has no memory of its own. Region 1 always exists.
      memId: mode === 'null' && memId === 0 && parsed?.share === undefined && !extmem ? 1 : memId,
      extraBuffers: checkInteger('options.extraBuffers', options.extraBuffers ?? 0, 0, MAX_U32),
      flags,
    },
    share: options.memId === undefined ? parsed?.share : undefined,
    offset: readOffset(parsed, options),
    csb: options.csb ?? false,
    extmem,
  };
}

/** A device by name; undefined = whichever there is. */
export function readDevice(argument: string, value: unknown): DeviceKind | undefined {
  if (value === undefined || value === 'kernel' || value === 'engine') return value;
  throw wrongValue(argument, "must be 'kernel' or 'engine'", value);
}

function readMode(parsed: ParsedName | undefined, options: PortOptions): PortMode {
  const { mode } = options;
  if (mode !== undefined) {
    if (!Object.hasOwn(MODE, mode)) {
      throw wrongValue('options.mode', `must be one of ${Object.keys(MODE).join(', ')}`, mode);
    }
    return mode;
  }
  const named = parsed?.mode ?? 'all';
  return named === 'all' && options.ring !== undefined ? 'ring' : named;
}

function readRing(mode: PortMode, parsed: ParsedName | undefined, options: PortOptions): number {
  const one = mode === 'ring' || mode === 'host-ring';
  if (options.ring === undefined) {
    if (one && parsed?.mode !== mode) throw wrongValue('options.ring', `is needed for mode '${mode}'`, undefined);
    return one ? (parsed?.ring ?? 0) : 0;
  }
  if (!one)
    throw wrongValue('options.ring', `goes with the modes 'ring' and 'host-ring' only, not '${mode}'`, options.ring);
  return checkInteger('options.ring', options.ring, 0, MAX_RING);
}

function readName(mode: PortMode, parsed: ParsedName | undefined, options: PortOptions): string {
  let name = parsed?.name ?? '';
  if (options.name !== undefined) {
    name = checkString('options.name', options.name).replace(/^netmap:/, '');
    if (name === '' && mode !== 'null') throw wrongValue('options.name', 'must not be empty', options.name);
    if (name.includes('\0')) throw wrongValue('options.name', 'must not contain NUL', options.name);
    if (Buffer.byteLength(name) > MAX_NAME) {
      throw outOfRange('options.name', `at most ${MAX_NAME} bytes long`, options.name);
    }
  }
  // netmap finds a null port by its mode, but no request may go without a name.
  return mode === 'null' ? 'null' : name;
}

function readCounts(mode: PortMode, parsed: ParsedName | undefined, options: PortOptions) {
  const isNull = mode === 'null';
  const counts = {} as Record<(typeof COUNTS)[number], number>;
  for (const key of COUNTS) {
    const slots = key.endsWith('Slots');
    // Of null ports netmap makes exactly the rings that it is asked for, even none.
    const fallback = !isNull || key.startsWith('host') ? 0 : slots ? 1024 : 1;
    counts[key] = checkInteger(
      `options.${key}`,
      options[key] ?? parsed?.conf[key] ?? fallback,
      0,
      slots ? MAX_U32 : MAX_U16,
    );
    if (slots && counts[key] === 1) {
      process.emitWarning(`a ring of one slot can carry nothing: one slot always stays with the device (${key})`, {
        type: 'NetmapWarning',
        code: 'NETMAP_ONE_SLOT',
      });
    }
  }
  return counts;
}

function readFlags(mode: PortMode, parsed: ParsedName | undefined, options: PortOptions): number {
  let flags = 0;
  const named = parsed?.flags;
  for (const [key, bit] of Object.entries(FLAGS) as [keyof typeof FLAGS, number][]) {
    const fromName = key === 'exclusive' || key === 'rxOnly' || key === 'txOnly' ? named?.[key] : undefined;
    if (checkBoolean(`options.${key}`, options[key] ?? fromName ?? false)) flags |= bit;
  }
  if (checkBoolean('options.csb', options.csb ?? false)) {
    if (options.exclusive === false) throw wrongValue('options.exclusive', 'cannot be false with csb', false);
    flags |= NR.EXCLUSIVE;
  }
  if (flags & NR.RX_RINGS_ONLY && flags & NR.TX_RINGS_ONLY) {
    throw wrongValue('options', 'with both rxOnly and txOnly leave no ring', options);
  }
  const monitor = { rx: named?.monitorRx, tx: named?.monitorTx, zeroCopy: named?.zeroCopyMonitor };
  if (options.monitor !== undefined) {
    Object.assign(monitor, checkObject('options.monitor', options.monitor, Object.keys(monitor)));
  }
  for (const [key, value] of Object.entries(monitor)) checkBoolean(`options.monitor.${key}`, value ?? false);
  if (monitor.rx) flags |= NR.MONITOR_RX;
  if (monitor.tx) flags |= NR.MONITOR_TX;
  if (monitor.zeroCopy) flags |= NR.ZCOPY_MON;
  if ((flags & MONITOR) === 0) return flags;
  if (mode === 'null') throw wrongValue('options.monitor', 'does not go with null ports: nothing moves there', monitor);
  if (flags & NR.TX_RINGS_ONLY)
    throw wrongValue('options', 'with both monitor and txOnly: monitors only receive', options);
  return options.rxOnly === false ? flags : flags | NR.RX_RINGS_ONLY;
}

function readOffset(parsed: ParsedName | undefined, options: PortOptions): Wanted['offset'] {
  const given = options.offset ?? parsed?.offset;
  if (given === undefined) return undefined;
  const offset: OffsetOptions = typeof given === 'number' ? { initial: given } : given;
  checkObject('options.offset', offset, ['initial', 'max', 'bits']);
  const bits = checkInteger('options.offset.bits', offset.bits ?? 0, 0, 64);
  const initial = checkInteger('options.offset.initial', offset.initial ?? 0, 0, MAX_U32);
  const max = checkInteger('options.offset.max', offset.max ?? initial, initial, MAX_U32);
  if (bits > 0 && max >= 2 ** bits) {
    throw outOfRange(
      'options.offset.bits',
      `at least ${Math.floor(Math.log2(max)) + 1} for offsets up to ${max}`,
      bits,
    );
  }
  return { initial, max, bits };
}

const SIZES = ['ifNum', 'ifSize', 'ringNum', 'ringSize', 'bufNum', 'bufSize'] as const;
/** More is no longer an exact number of bytes. */
const MAX_BYTES = Number.MAX_SAFE_INTEGER;

function readExtmem(memId: number, parsed: ParsedName | undefined, options: PortOptions): WantedMemory | undefined {
  const given: ExtmemOptions | undefined = options.extmem ?? parsed?.extmem;
  if (given === undefined) return undefined;
  checkObject('options.extmem', given, ['file', 'bytes', 'hugePages', ...SIZES]);
  const hugePages = checkBoolean('options.extmem.hugePages', given.hugePages ?? false);
  const file = given.file === undefined ? null : checkString('options.extmem.file', given.file);
  const bytes = checkInteger('options.extmem.bytes', given.bytes ?? 0, given.bytes === undefined ? 0 : 1, MAX_BYTES);
  if (file === null && bytes === 0) throw wrongValue('options.extmem', 'needs a file or a number of bytes', given);
  if (file === '' || file?.includes('\0')) throw wrongValue('options.extmem.file', 'must be the path of a file', file);
  if (file !== null && hugePages) {
    throw wrongValue(
      'options.extmem.hugePages',
      'goes without a file: one on a hugetlbfs has huge pages already',
      given,
    );
  }
  if (memId !== 0) throw wrongValue('options.extmem', `is a region of its own, and region ${memId} is wanted`, given);
  const sizes = {} as Record<(typeof SIZES)[number], number>;
  for (const key of SIZES) sizes[key] = checkInteger(`options.extmem.${key}`, given[key] ?? 0, 0, MAX_U32);
  return { file, bytes, hugePages, sizes };
}
