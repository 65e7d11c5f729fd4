import { NetmapError } from '../errors';
import { LINKTYPE_ETHERNET, PcapReader, type CapturedPacket } from '../pcap';
import type { Port } from '../port';
import type { Ring } from '../ring';
import { PortApp } from './port-app';
import { CaptureClock } from './capture-clock';
import { sleep, turn, TURN_MS } from './event-loop';
import { FrameCopier } from './frame-copier';
import type { SenderStats } from './generator';
import { drain, waitForRoom } from './room';
import { Signpost } from './signpost';
import { longestFrame, slotsFor, txRing } from './tx-ring';

/** What {@link Replayer} takes; everything has a default. */
export interface ReplayerOptions {
  /** 2 = twice as fast as captured, Infinity = as fast as possible; 1 by default. */
  speed?: number;
  /** How often the capture is sent, 0 = for ever; 1 by default. */
  loop?: number;
  /** A port of the same switch that is to receive every packet; opened once more for this, with `txOnly`. */
  to?: Port;
}

/** What a replayer has done. */
export interface ReplayerStats extends SenderStats {
  file: string;
  /** Packets that could not be sent: longer than the port takes, empty, or not Ethernet. */
  skipped: number;
  /** Packets of which the capture holds only the beginning; they were sent as they are in the file. */
  cut: number;
  /** How often the capture has been sent to its end. */
  loops: number;
}

/** Most packets handed over at once. */
const BATCH = 512;
/** Waits from this length on, in ms, are slept through; timers are exact to one ms or so, the rest is spent looking. */
const SLEEP_FROM = 2;

type Pause = 'turn' | 'room' | 'time' | 'end';

/** Sends the packets of a capture file by the first tx ring of a port. */
export class Replayer extends PortApp<ReplayerStats> {
  private readonly file: string;
  private readonly ring: Ring;
  private readonly copier: FrameCopier;
  private readonly longest: number;
  private readonly loop: number;
  private readonly clock: CaptureClock;
  private readonly signpost: Signpost | undefined;
  private reader: PcapReader;
  /** The packet that comes next, and when. */
  private packet: CapturedPacket | null = null;
  private dueAt = 0;
  private skipped = 0;
  private cut = 0;
  private loops = 0;

  /** @throws NetmapError when the file cannot be read, is no capture, or not one of Ethernet */
  constructor(port: Port, file: string, options: ReplayerOptions = {}) {
    super(port);
    const { speed = 1, loop = 1 } = options;
    this.file = file;
    this.ring = txRing(port);
    this.copier = new FrameCopier(this.ring);
    this.longest = longestFrame(this.ring);
    this.loop = loop === 0 ? Infinity : loop;
    this.clock = new CaptureClock(speed);
    this.signpost = options.to && new Signpost(options.to);
    this.reader = PcapReader.open(file);
    const { linkType } = this.reader;
    if (linkType !== undefined && linkType !== LINKTYPE_ETHERNET) {
      this.reader.close();
      const hint = 'tcprewrite --dlt=enet (of tcpreplay) converts some kinds';
      throw new NetmapError(`${file} holds packets of link type ${linkType}, expected Ethernet (1); ${hint}`, {
        code: 'ERR_NETMAP_CAPTURE',
        hint,
      });
    }
  }

  stats(): ReplayerStats {
    const { file, skipped, cut, loops, ring } = this;
    // Frames over several slots are the exception, so slots tell the number of packets well enough.
    return { ...this.meter.traffic(), pending: ring.pending, file, skipped, cut, loops };
  }

  protected async run(): Promise<void> {
    const { port, ring, signal } = this;
    this.clock.begin(performance.now());
    try {
      this.read();
      for (let pause = this.send(); pause !== 'end' && !signal.aborted; pause = this.send()) {
        if (pause === 'room') await waitForRoom(port, ring, this.slotsNeeded(), signal);
        else if (pause === 'time') await sleep(this.dueAt - performance.now() - 1, signal);
        else await turn();
      }
    } finally {
      this.reader.close();
      // Damage ends the file, not what was sent before it.
      await drain(port, ring, signal, Infinity);
    }
  }

  /** Sends what is due, batch after batch, until there is a reason not to. */
  private send(): Pause {
    const { port, meter, copier, signpost } = this;
    let now = performance.now();
    const until = now + TURN_MS;
    while (now < until) {
      let packets = 0;
      let bytes = 0;
      let failure: unknown;
      while (this.packet !== null && packets < BATCH && this.dueAt <= now) {
        const { bytes: from, offset, capturedLength } = this.packet;
        if (signpost?.needed(from, offset, capturedLength)) {
          if (packets > 0) port.txSync();
          signpost.point(from, offset);
        }
        if (!copier.copy(from, offset, capturedLength)) break;
        signpost?.sent(from, offset);
        packets++;
        bytes += capturedLength;
        try {
          this.read();
        } catch (error) {
          failure = error;
          this.packet = null;
        }
      }
      if (packets > 0) {
        port.txSync();
        meter.add(packets, bytes);
        meter.span(now, performance.now());
      }
      if (failure !== undefined) throw failure;
      if (this.packet === null) return 'end';
      if (this.dueAt <= now) {
        if (packets < BATCH && packets === 0) return 'room';
      } else if (this.dueAt - performance.now() >= SLEEP_FROM) {
        return 'time';
      }
      now = performance.now();
    }
    return 'turn';
  }

  /** Reads the next packet that can be sent, from the beginning of the file again if there are passes left. */
  private read(): void {
    for (;;) {
      const packet = this.reader.next();
      if (packet !== null) {
        if (!this.sendable(packet)) {
          this.skipped++;
          continue;
        }
        if (packet.capturedLength < packet.originalLength) this.cut++;
        this.dueAt = this.clock.due(packet);
        this.packet = packet;
        return;
      }
      this.packet = null;
      this.loops++;
      // A file with nothing to send would go round for ever.
      if (this.loops >= this.loop || this.dueAt === 0) return;
      this.clock.again();
      this.reader = PcapReader.open(this.file);
    }
  }

  private sendable(packet: CapturedPacket): boolean {
    const { capturedLength, interfaceId } = packet;
    const linkType = this.reader.interfaces[interfaceId]?.linkType;
    return capturedLength > 0 && capturedLength <= this.longest && linkType === LINKTYPE_ETHERNET;
  }

  private slotsNeeded(): number {
    return slotsFor(this.ring, this.packet?.capturedLength ?? 1);
  }
}
