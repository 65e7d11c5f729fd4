import { checkObject, checkString, wrongType, wrongValue } from '../check';
import { errno } from '../errno';
import { NetmapError } from '../errors';
import { LINKTYPE_ETHERNET } from '../pcap/writer';
import { PcapReader } from '../pcap/reader';
import { createCapture } from '../pcap/create';
import type { CapturedPacket, CaptureWriter } from '../pcap';
import type { Curve } from '../report/curve';
import { Ruleset } from '../ruleset';
import { checkLogWriter } from '../ruleset/log-capture';
import { sameFile } from '../same-file';
import { Departures } from './departures';
import { Emulator } from './emulator';
import { Sampler } from './sampler';
import { allDrops, type EmulatorStats } from './stats';

/** What {@link OfflineEmulation} takes; everything has a default. */
export interface OfflineOptions {
  /**
   * Which packets come from the inside (`out`): those that match this condition, in ipfw's words (`src-ip 10.0.0.0/8`); all, if it
   * is not given. The others go `in`.
   */
  inside?: string;
  /** Takes what rules with `log` match, with the times of the capture. */
  log?: CaptureWriter;
}

/** What was read and written. */
export interface OfflineStats extends EmulatorStats {
  /** Read. */
  packets: number;
  bytes: number;
  /** Written. */
  outPackets: number;
  outBytes: number;
  /** Packets that did not come out, whatever the cause. */
  dropped: number;
  /** Packets of which the capture held only a part: what was missing are zeros now. */
  filled: number;
  /** Packets that were empty or longer than 65280 bytes: left out. */
  skipped: number;
  /** Packets that stood behind later ones: they came in with those. */
  late: number;
  /** From the first packet in to the last one out. */
  seconds: number;
}

/** How much time passes between two points of the curves, in ns: a hundredth of what a second has. */
const SAMPLE = 1e7;
/** How long it works before others have their turn, in ms. */
const TURN_MS = 20;

/**
 * An emulation of a capture: packets with their times in, packets with times out. Nothing waits, no port is needed, and the
 * same capture, commands and seed give the same file each time.
 *
 * ```ts
 * const emulator = new Emulator('pipe 1 config bw 2Mbit/s delay 40ms plr 0.01\nadd pipe 1 ip from any to any', { seed: 7 });
 * const offline = new OfflineEmulation('in.pcap', 'out.pcap', emulator);
 * await offline.run();
 * console.log(offline.stats());
 * ```
 */
export class OfflineEmulation {
  readonly emulator: Emulator;
  private readonly reader: PcapReader;
  private readonly writer: CaptureWriter;
  private readonly filter: Ruleset | undefined;
  private readonly sampler = new Sampler();
  private readonly counts = { packets: 0, bytes: 0, outPackets: 0, outBytes: 0, filled: 0, skipped: 0, late: 0 };
  private origin: [seconds: number, nanoseconds: number] | undefined;
  private readonly log: CaptureWriter | undefined;
  private readonly departures = new Departures();
  private sampled = 0;
  /** When a packet came or went last. */
  private last = 0;
  private stopped = false;
  private ran = false;

  /**
   * @param input the capture to read; `-` is standard input
   * @param output the capture to write, another file, in the format that its name tells (see {@link createCapture}); `-` is standard output
   * @throws NetmapError when a file cannot be opened, or holds no Ethernet frames
   */
  constructor(input: string, output: string, emulator: Emulator, options: OfflineOptions = {}) {
    checkString('input', input);
    checkString('output', output);
    if (!(emulator instanceof Emulator)) throw wrongType('emulator', 'an Emulator', emulator);
    checkObject('options', options, ['inside', 'log']);
    this.log = checkLogWriter('options.log', options.log);
    emulator.forCapture();
    this.emulator = emulator;
    if (options.inside !== undefined) this.filter = Ruleset.filter(checkString('options.inside', options.inside));
    if (sameFile(input, output)) throw wrongValue('output', 'must be another file than "input"', output);
    this.reader = PcapReader.open(input === '-' ? '/dev/stdin' : input);
    const { linkType } = this.reader;
    if (linkType !== undefined && linkType !== LINKTYPE_ETHERNET) {
      this.reader.close();
      throw wrongValue('input', `must hold Ethernet frames (link type 1), not of link type ${linkType}`, input);
    }
    try {
      this.writer = createCapture(output === '-' ? '/dev/stdout' : output);
    } catch (error) {
      this.reader.close();
      throw error;
    }
  }

  /** Asks it to end soon; what has come out until then stays in the file. */
  stop(): void {
    this.stopped = true;
  }

  /**
   * Does it all, once.
   *
   * @throws NetmapError for damage of the capture, when all packets before it have been written; for a full disk
   */
  async run(): Promise<void> {
    const { emulator, reader, writer } = this;
    if (this.ran)
      throw new NetmapError('run() has been called: make another one', { code: 'EBUSY', errno: errno.EBUSY });
    this.ran = true;
    try {
      emulator.forCapture();
      let damage: unknown;
      let turn = performance.now();
      try {
        for (let packet = reader.next(); packet && !this.stopped; packet = reader.next()) {
          this.take(packet);
          if (performance.now() - turn < TURN_MS) continue;
          this.advance(emulator.time);
          await new Promise((done) => setImmediate(done));
          turn = performance.now();
        }
      } catch (error) {
        if (!(error instanceof NetmapError)) throw error;
        damage = error;
      }
      while (!this.stopped) {
        const { next } = emulator;
        if (next === Infinity) break;
        this.advance(Math.max(next, this.sampled + SAMPLE));
        this.sample(emulator.time);
        if (performance.now() - turn < TURN_MS) continue;
        await new Promise((done) => setImmediate(done));
        turn = performance.now();
      }
      this.advance(emulator.time);
      this.sampler.sample(this.last / 1e9, emulator.stats());
      if (damage !== undefined) throw damage;
    } finally {
      reader.close();
      writer.close();
    }
  }

  stats(): OfflineStats {
    const { emulator, counts } = this;
    const stats = emulator.stats();
    return { ...stats, ...counts, dropped: allDrops(stats.drops) + stats.denied, seconds: this.last / 1e9 };
  }

  /** Delay, backlog and throughput over the time of the capture. */
  curves(): Curve[] {
    return this.sampler.curves();
  }

  private take(packet: CapturedPacket): void {
    const { counts, emulator } = this;
    const { capturedLength, originalLength, seconds, nanoseconds } = packet;
    const length = Math.max(capturedLength, originalLength);
    if (capturedLength === 0 || length > 65280) {
      counts.skipped++;
      return;
    }
    if (this.origin === undefined) {
      this.origin = [seconds, nanoseconds];
      if (this.log) emulator.logTo(this.log, this.origin);
    }
    let time = (seconds - this.origin[0]) * 1e9 + (nanoseconds - this.origin[1]);
    if (time < emulator.time) {
      counts.late++;
      time = emulator.time;
    }
    let frame = packet.data;
    if (length > capturedLength) {
      counts.filled++;
      frame = new Uint8Array(length);
      frame.set(packet.data);
    }
    this.sample(time);
    const inside = this.filter === undefined || this.filter.match(frame).action === 'allow';
    this.last = Math.max(this.last, time);
    emulator.put(frame, { time, direction: inside ? 'out' : 'in' });
    counts.packets++;
    counts.bytes += length;
  }

  /** Points of the curves at regular times, up to this one. */
  private sample(time: number): void {
    if (time < this.sampled + SAMPLE) return;
    this.advance(Math.max(this.emulator.time, Math.floor(time / SAMPLE) * SAMPLE));
    this.sampled = Math.floor(time / SAMPLE) * SAMPLE;
    if (this.sampler.due) this.sampler.sample(this.sampled / 1e9, this.emulator.stats());
  }

  /** Lets the clock go on, and writes what comes out. */
  private advance(until: number): void {
    const { counts, departures, emulator, writer } = this;
    const [seconds, nanoseconds] = this.origin ?? [0, 0];
    while (emulator.advanceInto(departures, until) > 0) {
      for (let i = 0; i < departures.length; i++) {
        const time = departures.time(i);
        const size = departures.size(i);
        const ns = (time % 1e9) + nanoseconds;
        const second = seconds + Math.floor(time / 1e9) + Math.floor(ns / 1e9);
        writer.write(departures.bytes, departures.offset(i), size, size, second, ns % 1e9);
        counts.outPackets++;
        counts.outBytes += size;
        this.last = Math.max(this.last, time);
      }
    }
  }
}
