import { NetmapError } from '../errors';
import { SequenceStamp, udpFrame, type UdpFrameOptions } from '../packet';
import type { Port } from '../port';
import type { Ring } from '../ring';
import { PortApp } from './port-app';
import { sleep, turn, TURN_MS } from './event-loop';
import type { Traffic } from './meter';
import { Pacer } from './pacer';
import { TimeLimit } from './time-limit';
import { drain, waitForRoom } from './room';
import { Template } from './template';
import { longestFrame, slotsFor, txRing } from './tx-ring';

/** What {@link Generator} takes; everything has a default. */
export interface GeneratorOptions {
  /** Addresses, ports and length of the frames: broadcast UDP/IPv4 of 60 bytes unless told otherwise. */
  frame?: UdpFrameOptions;
  /** Tells this generator's numbers from those of others, 0 to 2^32 - 1. Frames shorter than 52 bytes carry none. */
  stream?: number;
  /** Packets to send; default: no end. */
  count?: number;
  /** Packets per second; default: as many as possible. */
  rate?: number;
  /** Seconds until it ends; default: never. */
  duration?: number;
  /** Most packets handed over at once, 512 by default. */
  batch?: number;
}

/** Shortest frame with room for a sequence number, and for a stream id as well. */
export const MIN_LENGTH = 48;
const MIN_STREAM_LENGTH = 52;

/** Waits from this length on, in ms, are slept through; timers are exact to one ms or so, the rest is spent looking. */
const SLEEP_FROM = 2;
/** A generator that is later than this, in ms, gives up on what it could not send in time. */
const MOST_LATE = 1000;

/** How long it waits at the end of its time for a reader that takes nothing, in ms. */
const PATIENCE = 1000;

/** What a generator, or another sender, has done. */
export interface SenderStats extends Traffic {
  /** Packets handed over that the device still has: those in a pipe that nobody has read, for example. */
  pending: number;
}

type Pause = 'turn' | 'room' | 'rate' | 'done';

/** Sends numbered UDP packets by the first tx ring of a port, at full speed or at a rate. */
export class Generator extends PortApp<SenderStats> {
  private readonly ring: Ring;
  private readonly frame: Uint8Array;
  private readonly stamp: SequenceStamp;
  private readonly view: DataView;
  /** The fast way; undefined for frames over several slots, and where frames don't begin at the start of their buffers. */
  private readonly template: Template | undefined;
  private readonly slots: number;
  private readonly pacer: Pacer | undefined;
  private readonly count: number;
  private readonly batch: number;
  private readonly duration: number;
  private endAt = Infinity;

  constructor(port: Port, options: GeneratorOptions = {}) {
    super(port);
    const { stream, count = Infinity, rate, duration = Infinity, batch = 512 } = options;
    this.ring = txRing(port);
    this.frame = udpFrame({ length: 60, ...options.frame });
    const { length } = this.frame;
    const longest = longestFrame(this.ring);
    if (length > longest) {
      const hint = `choose a length of at most ${longest}`;
      throw new NetmapError(`port '${port.name}' cannot send frames of ${length} bytes; ${hint}`, {
        code: 'EMSGSIZE',
        port: port.name,
        hint,
      });
    }
    this.stamp = new SequenceStamp(this.frame, { stream: length >= MIN_STREAM_LENGTH ? stream : undefined });
    this.view = new DataView(this.frame.buffer);
    this.template = Template.fits(this.ring, this.frame) ? new Template(this.ring, this.frame) : undefined;
    this.slots = this.template ? 1 : slotsFor(this.ring, length);
    this.pacer = rate === undefined ? undefined : new Pacer(rate);
    this.count = count;
    this.batch = batch;
    this.duration = duration;
  }

  stats(): SenderStats {
    return { ...this.meter.traffic(), pending: Math.floor(this.ring.pending / this.slots) };
  }

  protected async run(): Promise<void> {
    const { port, ring } = this;
    const start = performance.now();
    this.endAt = start + 1000 * this.duration;
    this.pacer?.begin(start);
    const limit = new TimeLimit(this.duration, this.signal);
    try {
      for (let pause = this.send(); pause !== 'done' && !limit.signal.aborted; pause = this.send()) {
        if (pause === 'room') await waitForRoom(port, ring, this.slots, limit.signal);
        else if (pause === 'rate') await this.sleepUntilDue(limit.signal);
        else await turn();
      }
      // All of a given number are to arrive, whenever the reader comes; at the end of its time it does not wait for long.
      await drain(port, ring, this.signal, this.meter.packets >= this.count ? Infinity : PATIENCE);
    } finally {
      limit.clear();
    }
  }

  /** Sends batch after batch until there is a reason not to. */
  private send(): Pause {
    const { port, ring, meter, pacer, count, batch, endAt, slots, frame } = this;
    let now = performance.now();
    const until = now + TURN_MS;
    pacer?.forgive(meter.packets, now, MOST_LATE);
    while (now < until) {
      const sent = meter.packets;
      if (sent >= count || now >= endAt) return 'done';
      let wanted = Math.min(batch, count - sent);
      if (pacer) {
        wanted = Math.min(wanted, pacer.due(now) - sent);
        if (wanted <= 0) {
          if (pacer.timeOf(sent) - now >= SLEEP_FROM) return 'rate';
          now = performance.now();
          continue;
        }
      }
      const room = ring.available;
      const n = Math.min(wanted, slots === 1 ? room : Math.floor(room / slots));
      if (n === 0) return 'room';
      this.write(n, sent);
      port.txSync();
      const done = performance.now();
      meter.add(n, n * frame.length);
      meter.span(now, done);
      now = done;
    }
    return 'turn';
  }

  /** Writes `n` frames from number `sequence` on; there is room for them. */
  private write(n: number, sequence: number): void {
    const { ring, template } = this;
    if (template) {
      template.fill(ring.head, n, sequence);
      ring.advance(n);
      return;
    }
    for (let k = 0; k < n; k++) {
      this.stamp.write(this.view, 0, sequence + k);
      ring.advance(ring.writeFrame(this.frame));
    }
  }

  private sleepUntilDue(signal: AbortSignal): Promise<void> {
    const wait = this.pacer!.timeOf(this.meter.packets) - performance.now();
    return sleep(Math.max(0, wait - 1), signal);
  }
}
