/** Capture files made byte by byte, in any byte order and resolution: what the library's own writer can't or won't do. */

export interface RawPacket {
  data: Uint8Array;
  originalLength?: number;
  /** The two time fields as they are stored. */
  time?: [number, number];
}

/** Collects fields in one byte order. */
export class Bytes {
  private readonly parts: number[] = [];
  private readonly little: boolean;

  constructor(little: boolean) {
    this.little = little;
  }

  get length(): number {
    return this.parts.length;
  }

  u16(...values: number[]): this {
    for (const value of values) this.number(value, 2);
    return this;
  }

  u32(...values: number[]): this {
    for (const value of values) this.number(value, 4);
    return this;
  }

  raw(bytes: Iterable<number>): this {
    this.parts.push(...bytes);
    return this;
  }

  /** Zeros up to the next multiple of four. */
  pad(): this {
    while (this.parts.length % 4 !== 0) this.parts.push(0);
    return this;
  }

  done(): Uint8Array {
    return Uint8Array.from(this.parts);
  }

  private number(value: number, size: number): void {
    const bytes = Array.from({ length: size }, (_, index) => Math.floor(value / 256 ** index) % 256);
    this.parts.push(...(this.little ? bytes : bytes.reverse()));
  }
}

export interface ClassicOptions {
  little?: boolean;
  nanoseconds?: boolean;
  snaplen?: number;
  linkType?: number;
  version?: [number, number];
}

/** A classic capture. */
export function classic(packets: readonly RawPacket[], options: ClassicOptions = {}): Uint8Array {
  const { little = true, nanoseconds = false, snaplen = 65535, linkType = 1, version = [2, 4] } = options;
  const file = new Bytes(little);
  file
    .u32(nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4)
    .u16(...version)
    .u32(0, 0, snaplen, linkType);
  for (const { data, originalLength = data.length, time = [0, 0] } of packets) {
    file.u32(...time, data.length, originalLength).raw(data);
  }
  return file.done();
}

/** Builds one section of a pcapng file; concatenate several for a file of several. */
export class Section {
  private readonly blocks: number[] = [];
  private readonly little: boolean;

  constructor(little = true) {
    this.little = little;
    const body = this.bytes().u32(0x1a2b3c4d).u16(1, 0).u32(0xffffffff, 0xffffffff);
    this.block(0x0a0d0d0a, body.done());
  }

  /** Any block. */
  block(type: number, body: Uint8Array): this {
    const padded = this.bytes().raw(body).pad().done();
    const length = padded.length + 12;
    this.blocks.push(...this.bytes().u32(type, length).raw(padded).u32(length).done());
    return this;
  }

  /** An interface; each option is a code with its value. */
  interface(linkType = 1, snaplen = 0, options: readonly (readonly [number, Iterable<number>])[] = []): this {
    const body = this.bytes().u16(linkType, 0).u32(snaplen);
    for (const [code, value] of options) {
      const bytes = [...value];
      body.u16(code, bytes.length).raw(bytes).pad();
    }
    if (options.length > 0) body.u16(0, 0);
    return this.block(1, body.done());
  }

  /** An enhanced packet; `time` is its 64-bit time in two halves. */
  packet({ data, originalLength = data.length, time = [0, 0] }: RawPacket, interfaceId = 0): this {
    return this.block(
      6,
      this.bytes()
        .u32(interfaceId, ...time, data.length, originalLength)
        .raw(data)
        .done(),
    );
  }

  /** A simple packet. */
  simple(data: Uint8Array, originalLength = data.length): this {
    return this.block(3, this.bytes().u32(originalLength).raw(data).done());
  }

  /** A packet block of the obsolete kind. */
  old({ data, originalLength = data.length, time = [0, 0] }: RawPacket, interfaceId = 0): this {
    const body = this.bytes()
      .u16(interfaceId, 0xffff)
      .u32(...time, data.length, originalLength);
    return this.block(2, body.raw(data).done());
  }

  /** Collects fields in the byte order of the section. */
  bytes(): Bytes {
    return new Bytes(this.little);
  }

  done(): Uint8Array {
    return Uint8Array.from(this.blocks);
  }
}

/** All parts, one behind the other. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
