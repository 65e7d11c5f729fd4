import { outOfRange, wrongValue } from '../../check';
import type { NativeField, NativeFrame } from '../../native-traffic';
import { FIELD_KIND } from '../../native-traffic';
import { LAYER, PacketView } from '../../packet/view';
import { fieldBits, type FieldName } from '../../packet/field';
import { locate, type Place } from './locate';
import { mark, type Marks } from './marker';
import type { VariedField } from './vary';

/** Frames with all that varies in them, as the native loop takes them. */
export interface FrameSet {
  frames: NativeFrame[];
  fields: NativeField[];
  /** Packets that carry a number, and a time: all of the frames do, or not all. */
  numbered: boolean;
  timed: boolean;
}

const NUMBER: NativeField = {
  kind: FIELD_KIND.range,
  from: 0n,
  count: 1n << 32n,
  step: 1n,
  list: new BigUint64Array(0),
  perFlow: false,
  carry: false,
  seed: 0n,
};

const TIME: NativeField = { ...NUMBER, kind: FIELD_KIND.time };

/**
 * @param templates frames, without CRC; they are copied
 * @param marks undefined: packets are sent as they are
 * @throws TypeError when a field is in none of the frames, or two of them share bytes
 */
export function makeFrames(
  templates: readonly Uint8Array[],
  varied: readonly VariedField[],
  marks: Marks | undefined,
): FrameSet {
  const fields = varied.map(({ native }) => native);
  if (marks) fields.push(NUMBER, TIME);
  const found = new Set<FieldName>();
  let numbered = marks !== undefined;
  let timed = marks?.time === true;
  const frames = templates.map((template) => {
    const bytes = new Uint8Array(template);
    const packet = new PacketView(bytes);
    packet.parse(0, bytes.length);
    const marked = marks && mark(packet, marks);
    numbered &&= marked !== undefined;
    timed &&= marked?.time !== undefined;
    const places = varied.map((field) => {
      const place = locate(packet, field.name);
      if (place === undefined) return undefined;
      found.add(field.name);
      checkValues(field, packet, place);
      return place;
    });
    if (marks) places.push(markPlace(marked?.number, 4), markPlace(marked?.time, 8));
    checkApart(places, varied);
    return { bytes, ...checksums(packet), spots: Float64Array.from(places.flatMap(spot)) };
  });
  const missing = varied.find(({ name }) => !found.has(name));
  if (missing) throw wrongValue('vary', `names ${missing.name}, which no frame has`, missing.name);
  return { frames, fields, numbered, timed };
}

function markPlace(at: number | undefined, width: number): Place | undefined {
  if (at === undefined) return undefined;
  return { at, width, shift: 0, bits: 8 * width, inHeader: false, inPacket: true };
}

/** Values must be ones that the field can hold; of IPv6 addresses, only the lower half varies. */
function checkValues({ name, first, last }: VariedField, packet: PacketView, place: Place): void {
  const isV6 = packet.has(LAYER.IPV6);
  const bits = fieldBits(name, isV6);
  if (last >> BigInt(bits) !== 0n) {
    if (name === 'srcIp' || name === 'dstIp')
      throw wrongValue(`vary.${name}`, 'must be IPv4 addresses for this frame', last);
    throw outOfRange(`vary.${name}`, `at most ${(1n << BigInt(bits)) - 1n}`, last);
  }
  if (!isV6 || (name !== 'srcIp' && name !== 'dstIp')) return;
  let upper = 0n;
  for (const byte of packet.bytes.subarray(place.at - 8, place.at)) upper = (upper << 8n) | BigInt(byte);
  if (first >> 64n !== upper || last >> 64n !== upper) {
    throw wrongValue(`vary.${name}`, "must lie in the /64 of the frame's own IPv6 address", last);
  }
}

/** Each field is written by itself: two that share a byte would undo one another. */
function checkApart(places: readonly (Place | undefined)[], varied: readonly VariedField[]): void {
  const owner = new Map<number, number>();
  places.forEach((place, k) => {
    for (let n = 0; place !== undefined && n < place.width; n++) {
      const other = owner.get(place.at + n);
      if (other !== undefined) {
        const names = `${varied[other]?.name ?? 'the number'} and ${varied[k]?.name ?? 'the number'}`;
        throw wrongValue('vary', `cannot have ${names} together: they share bytes`, names);
      }
      owner.set(place.at + n, k);
    }
  });
}

/** Where the checksums lie that have to follow the fields. */
function checksums(packet: PacketView): Pick<NativeFrame, 'headerSumAt' | 'packetSumAt' | 'zeroIsOnes'> {
  const headerSumAt = packet.has(LAYER.IPV4) ? packet.ipv4.offset + 10 : 0;
  const { udp, tcp, icmp, icmpv6 } = packet;
  let packetSumAt = 0;
  if (packet.has(LAYER.UDP)) packetSumAt = udp.checksum === 0 ? 0 : udp.offset + 6;
  else if (packet.has(LAYER.TCP)) packetSumAt = tcp.offset + 16;
  else if (packet.has(LAYER.ICMP)) packetSumAt = icmp.offset + 2;
  else if (packet.has(LAYER.ICMPV6)) packetSumAt = icmpv6.offset + 2;
  return { headerSumAt, packetSumAt, zeroIsOnes: packet.has(LAYER.UDP) };
}

function spot(place: Place | undefined): number[] {
  if (place === undefined) return [-1, 0, 0, 0, 0, 0, 0];
  const { at, width, shift, bits, inHeader, inPacket } = place;
  const mask = ((1n << BigInt(bits)) - 1n) << BigInt(shift);
  return [at, width, shift, Number(inHeader), Number(inPacket), Number(mask & 0xffffffffn), Number(mask >> 32n)];
}
