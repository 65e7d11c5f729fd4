import type { FrameHook } from '../../apps';
import { updateChecksum32 } from '../../packet/checksum';
import { read16, read32, write16, write32 } from '../../packet/view/bytes';
import type { Port } from '../../port';
import type { Ring } from '../../ring';
import { eachSlot } from './dump';
import { Seldom } from './say';
import { SlotSender, type SlotSenderOptions } from './slot-sender';
import type { Sweep } from './sweep';

/** Numbers packets in the first four bytes of their payload, for `rxseq`. Each slot has a whole packet, also of frames with several. */
export class NumberedSender extends SlotSender {
  private readonly packet: Uint8Array;
  private readonly payloadAt: number;
  private readonly sweep: Sweep;
  private readonly hook: FrameHook | undefined;
  private readonly header: number;
  private number = 0;
  private slots = 0;

  /**
   * @param packet with its virtio-net header of so many bytes; longer than what is sent if that has no room for a number
   * @param headers bytes of Ethernet, IP and UDP
   */
  constructor(
    port: Port,
    packet: Uint8Array,
    { header, headers, sweep, hook }: { header: number; headers: number; sweep: Sweep; hook?: FrameHook },
    options: SlotSenderOptions,
  ) {
    super(port, port.txRings.slice(0, 1), options);
    this.packet = packet;
    this.payloadAt = header + headers;
    this.header = header;
    this.sweep = sweep;
    this.hook = hook;
    sweep.write(packet, header, packet.length - header);
  }

  protected write(ring: Ring, slot: number): void {
    const { packet, payloadAt, options } = this;
    const before = read32(packet, payloadAt);
    write32(packet, payloadAt, this.number);
    const sum = updateChecksum32(read16(packet, payloadAt - 2), before, this.number);
    write16(packet, payloadAt - 2, sum || 0xffff);
    this.number = (this.number + 1) >>> 0;
    const { u8 } = ring.port;
    const at = ring.offset(slot);
    for (let k = 0; k < options.size; k++) u8[at + k] = packet[k];
    // Addresses go on from frame to frame, behind the first slot as pkt-gen does it.
    if (this.slots++ % options.fragments === 0) this.sweep.write(packet, this.header, packet.length - this.header);
    this.hook?.(u8, at, options.size, ring, slot);
  }
}

/** Looks for gaps in those numbers, ring by ring, slot by slot, and for frames of another number of slots than the one before. */
export class NumberChecker {
  /** Slots that were not the first one of their frame. */
  further = 0;
  readonly hook: FrameHook;
  private readonly header: number;
  private readonly expected = new Map<Ring, number>();
  private fragments = 0;
  private readonly gaps = new Seldom(2);
  private readonly short = new Seldom(1);
  private readonly chains = new Seldom(1);

  /** @param header bytes of virtio-net header in front of each packet */
  constructor(header: number) {
    this.header = header;
    const look = (ring: Ring, slot: number) => this.look(ring, slot);
    this.hook = (_u8, _offset, _length, ring, slot) => this.count(ring, slot, eachSlot(ring, slot, look));
  }

  private count(ring: Ring, first: number, slots: number): void {
    this.further += slots - 1;
    if (this.fragments > 0 && slots !== this.fragments) {
      let text = '';
      eachSlot(ring, first, (_, slot) => (text += `|${ring.length(slot)},${ring.flags(slot).toString(16)}|`));
      this.chains.say(
        'rxseq_body [2360]',
        `Received packets with ${slots} frags, expected ${this.fragments}, '${text}'`,
      );
    }
    this.fragments = slots;
  }

  private look(ring: Ring, slot: number): void {
    const { u8 } = ring.port;
    const at = ring.offset(slot) + this.header;
    const length = ring.length(slot) - this.header;
    const payload = length >= 14 && read16(u8, at + 12) === 0x0800 ? 42 : 62;
    if (length < payload + 4) {
      return this.short.say('rxseq_body [2376]', `rxseq_body: packet too small (len=${ring.length(slot)})`);
    }
    const number = read32(u8, at + payload);
    const due = this.expected.get(ring);
    if (due !== undefined && number !== due) {
      const ahead = (number - due) >>> 0 < 0x7fffffff;
      const what = ahead ? 'GAP' : 'OUT OF ORDER';
      this.gaps.say(`rxseq_body [${ahead ? 2393 : 2396}]`, `Sequence ${what}: exp ${due} found ${number}`);
    }
    this.expected.set(ring, (number + 1) >>> 0);
  }
}
