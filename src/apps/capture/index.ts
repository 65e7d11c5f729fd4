import { checkBoolean, checkInteger, checkObject, checkString, outOfRange, wrongType, wrongValue } from '../../check';
import { POLL } from '../../constants';
import type { NativePort } from '../../native';
import type { InterfaceStatistics } from '../../pcap/blocks';
import { MAX_PACKET } from '../../pcap/decoder';
import { DEFAULT_SNAPLEN } from '../../pcap/writer';
import { nativeOf, Port } from '../../port';
import { closedError } from '../../errors';
import type { Ring } from '../../ring';
import type { Ruleset } from '../../ruleset';
import { Drops } from '../drops';
import { wholeFrame } from '../frames';
import { parseFilter, type Filter } from '../filter';
import { checkHook, type FrameHook } from '../frame-hook';
import type { Judge } from '../judge';
import { RuleVerdicts } from '../rule-verdicts';
import { Verdicts } from '../verdicts';
import { END_KEYS, Mover } from '../mover';
import { checkReceives, type ReceiverOptions, type ReceiverStats } from '../receiver';
import type { Want } from '../wait-for-any';
import { formatOf } from '../../pcap/file-names';
import { Files } from './files';
import { STANDARD_OUTPUT } from './output';
import { Spool } from './spool';

/** What {@link Capture} takes besides the port; all but `file` has a default. */
export interface CaptureOptions extends ReceiverOptions {
  /**
   * The file to write; an existing one is replaced. `-` is standard output. The suffix tells the format: `.pcapng`, or anything
   * else for pcap; with `.gz` behind it the file is compressed.
   */
  file: string;
  /** The format, whatever the file is called. */
  format?: 'pcap' | 'pcapng';
  /** Whether to compress, whatever the file is called. */
  gzip?: boolean;
  /** Times in nanoseconds (the default, and always so in pcapng), or in microseconds for old programs. */
  nanoseconds?: boolean;
  /** Most bytes of a packet that are kept, 262144 by default. */
  snaplen?: number;
  /** Which packets to keep: rules of ipfw's (see {@link Filter}), or a hook that says false for those that are not to be kept. */
  filter?: Filter | FrameHook;
  /**
   * Begins a new file when this one would grow beyond so many bytes (before they are compressed). Files get numbers and times:
   * `out_00001_20261122193012.pcap`.
   */
  rotateBytes?: number;
  /** Begins a new file after so many seconds, with the next packet. */
  rotateSeconds?: number;
  /** Keeps the last so many files and removes those before: a ring of files. */
  files?: number;
}

/** What a capture has written. */
export interface CaptureStats extends ReceiverStats {
  /** Packets that the filter did not want. */
  refused: number;
  /** Packets that are in a file, but cut to `snaplen`. */
  cut: number;
  /** Packets that are in no file although they were taken, because the disk failed. */
  skipped: number;
  /** The file that is being written, or was written last. */
  file: string;
  /** Files begun so far. */
  files: number;
  /** Bytes that all files hold. */
  fileBytes: number;
}

const KEYS = ['file', 'format', 'gzip', 'nanoseconds', 'snaplen', 'filter', 'rotateBytes', 'rotateSeconds', 'files'];

/** Where the native part says that the next packet does not fit. */
const FULL = 5;
/** Least bytes of a file: less would not hold a packet. */
const LEAST_FILE = 1024;
/** How often the file is brought up to date while packets arrive, in ms; who watches a pipe is served sooner. */
const FLUSH_MS = 1000;
const PIPE_FLUSH_MS = 100;

/**
 * Writes what arrives into capture files, with nanosecond time stamps, one per batch. Files are whole at any time up to their
 * last second; they are written in the background, and when the disk does not keep up, packets wait in the rings of the port and
 * are lost (and counted) there. In pcapng the counters of what was dropped stand at the end of each file.
 *
 * ```ts
 * using port = open('vale0:c');
 * await using capture = new Capture(port, { file: 'out.pcapng.gz', rotateBytes: 100e6, files: 10, duration: 60 });
 * await capture.start();
 * ```
 */
export class Capture extends Mover<CaptureStats> {
  private readonly port: Port;
  private readonly native: NativePort;
  private readonly spool = new Spool();
  private readonly files: Files;
  private readonly snaplen: number;
  private readonly rings: readonly { ring: Ring; verdicts: Judge | undefined }[];
  private readonly drops: Drops;
  private readonly rotateSeconds: number | undefined;
  private readonly flushMs: number;
  private readonly startedAt = wallClock();
  /** What the native part says: frames, bytes, frames cut, refused, bytes written, 1 when the chunk was full. */
  private readonly result = new Float64Array(6);
  private cut = 0;
  private refused = 0;
  private timeToRotate = false;

  /** @throws NetmapError when the file cannot be created */
  constructor(port: Port, options: CaptureOptions) {
    if (!(port instanceof Port)) throw wrongType('port', 'a Port', port);
    const checked = check(options);
    super([port], options);
    checkReceives(port);
    const native = nativeOf.get(port);
    if (port.closed || !native) throw closedError(port.name);
    this.port = port;
    this.native = native;
    const { file: path, rotateSeconds, rotateBytes, files } = options;
    this.rings = port.rxRings.map((ring) => ({ ring, verdicts: judgeOf(ring, checked.filter) }));
    this.snaplen = checked.snaplen;
    this.drops = new Drops(port);
    this.rotateSeconds = rotateSeconds;
    this.flushMs = path === STANDARD_OUTPUT ? PIPE_FLUSH_MS : FLUSH_MS;
    const several = rotateSeconds !== undefined || rotateBytes !== undefined;
    this.files = new Files(
      { ...checked, path, name: port.name, size: rotateBytes ?? Infinity, several, keep: files ?? Infinity },
      this.spool,
    );
  }

  stats(): CaptureStats {
    const { meter, files, spool, drops, refused, cut } = this;
    return {
      ...meter.traffic(),
      dropped: drops.count(),
      refused,
      cut,
      skipped: spool.failure === undefined ? 0 : meter.packets - files.packets,
      file: files.names[files.names.length - 1],
      files: files.count,
      fileBytes: files.bytes,
    };
  }

  /** Names of the files that are there now, the newest last. */
  get fileNames(): readonly string[] {
    return this.files.names;
  }

  protected override async run(): Promise<void> {
    const { rotateSeconds } = this;
    // There may be no packet for a long time, and nothing to keep it in.
    this.spool.onFailure = () => this.stop();
    const flush = setInterval(() => this.files.flush(), this.flushMs);
    const rotate =
      rotateSeconds === undefined
        ? undefined
        : setInterval(() => (this.timeToRotate = true), Math.min(1000 * rotateSeconds, 0x7fffffff));
    try {
      await super.run();
    } finally {
      clearInterval(flush);
      clearInterval(rotate);
      await this.files.close(this.statistics());
    }
    this.checkDisk();
  }

  protected round(): number {
    this.checkDisk();
    this.port.rxSync();
    const { rings } = this;
    let taken = 0;
    for (let k = 0; k < rings.length; k++) {
      const { ring, verdicts } = rings[k];
      while (ring.available > 0 && this.left > 0 && this.spool.waiting === undefined) {
        const slots = this.take(ring, verdicts);
        if (slots === 0) break;
        taken += slots;
      }
    }
    return taken;
  }

  protected wants(): Want[] {
    return [{ port: this.port, direction: POLL.IN }];
  }

  protected override get obstacle(): Promise<void> | undefined {
    return this.spool.waiting;
  }

  protected flush(): void {
    this.port.rxSync();
  }

  /** Takes frames from the front of a ring as far as the chunk has room. Returns their slots; 0 = nothing more for now. */
  private take(ring: Ring, verdicts: Judge | undefined): number {
    const { files } = this;
    // Not before there is a packet for it: no file stays empty.
    if (this.timeToRotate && files.hasPackets) this.rotate();
    const available = verdicts ? verdicts.judge(ring.available) : ring.available;
    const slots = this.pack(ring, verdicts, available, this.left, files.limit);
    if (this.result[FULL] === 0) return slots > 0 ? slots : this.skipEndless(ring, verdicts);
    if (!files.isFull) files.flush();
    else if (files.hasPackets) this.rotate();
    else return this.pack(ring, verdicts, available, 1, this.spool.chunk.length); // longer than a file may be: it has its own
    return Math.max(slots, 1);
  }

  /** Packs `most` frames at most into the first `size` bytes of the chunk. Returns their slots. */
  private pack(ring: Ring, verdicts: Judge | undefined, available: number, most: number, size: number): number {
    const { native, spool, result, snaplen } = this;
    const slots = native.pack(
      ring.byteOffset,
      ring.head,
      available,
      Math.min(most, 0xffffffff),
      spool.chunk,
      spool.used,
      size,
      this.files.records,
      snaplen,
      verdicts?.bytes,
      result,
    );
    if (slots < 0) throw closedError(this.port.name);
    if (slots === 0) return 0;
    ring.advance(slots);
    verdicts?.forget(slots);
    this.meter.add(result[0], result[1]);
    this.cut += result[2];
    this.refused += result[3];
    spool.used += result[4];
    spool.packets += result[0];
    return slots;
  }

  /** A chain of slots that fills the ring and has no end is no frame; any other one will be whole when the rest has come. */
  private skipEndless(ring: Ring, verdicts: Judge | undefined): number {
    const { available } = ring;
    if (wholeFrame(ring, ring.head, available) !== ring.numSlots - 1) return 0;
    ring.advance(available);
    verdicts?.forget(available);
    return available;
  }

  private rotate(): void {
    this.timeToRotate = false;
    this.files.rotate(this.statistics());
  }

  private statistics(): InterfaceStatistics {
    const { meter, refused, startedAt } = this;
    const dropped = this.port.closed ? undefined : (this.drops.count() ?? undefined);
    const received = meter.packets + refused + (dropped ?? 0);
    return { start: startedAt, end: wallClock(), received, dropped, accepted: meter.packets, delivered: meter.packets };
  }

  private checkDisk(): void {
    if (this.spool.failure !== undefined) throw this.spool.failure as Error;
  }
}

function judgeOf(ring: Ring, filter: Ruleset | FrameHook | undefined): Judge | undefined {
  if (filter === undefined) return undefined;
  return typeof filter === 'function' ? new Verdicts(ring, filter) : new RuleVerdicts(ring, filter);
}

/** Time of day: seconds since 1970, and nanoseconds within the second. */
function wallClock(): [number, number] {
  const now = Date.now();
  return [Math.floor(now / 1000), (now % 1000) * 1e6];
}

function check(options: CaptureOptions) {
  checkObject('options', options, [...KEYS, ...END_KEYS]);
  const { file, nanoseconds = true, snaplen = DEFAULT_SNAPLEN, rotateBytes, rotateSeconds, files } = options;
  if (checkString('options.file', file) === '') throw wrongValue('options.file', 'must not be empty', file);
  const named = formatOf(file);
  const { format = named.format, gzip = named.gzip } = options;
  if (format !== 'pcap' && format !== 'pcapng') {
    throw wrongValue('options.format', "must be 'pcap' or 'pcapng'", format);
  }
  checkBoolean('options.gzip', gzip);
  checkBoolean('options.nanoseconds', nanoseconds);
  checkInteger('options.snaplen', snaplen, 1, MAX_PACKET);
  if (typeof options.filter === 'function') checkHook('options.filter', options.filter);
  const filter = typeof options.filter === 'function' ? options.filter : parseFilter('options.filter', options.filter);
  if (rotateBytes !== undefined) checkInteger('options.rotateBytes', rotateBytes, LEAST_FILE, Number.MAX_SAFE_INTEGER);
  if (rotateSeconds !== undefined) {
    if (typeof rotateSeconds !== 'number') throw wrongType('options.rotateSeconds', 'a number', rotateSeconds);
    if (!(rotateSeconds > 0)) throw outOfRange('options.rotateSeconds', 'greater than 0', rotateSeconds);
  }
  const rotates = rotateBytes !== undefined || rotateSeconds !== undefined;
  if (files !== undefined) {
    checkInteger('options.files', files, 1, Number.MAX_SAFE_INTEGER);
    if (!rotates) throw wrongValue('options.files', 'needs rotateBytes or rotateSeconds', files);
  }
  if (rotates && file === STANDARD_OUTPUT) throw wrongValue('options.file', 'must be a file to be rotated', file);
  return { format, gzip, nanoseconds, snaplen, filter };
}
