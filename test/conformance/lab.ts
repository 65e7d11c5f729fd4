import { inside, lib, type Port, type PortOptions, type Ring, type StructuredSpec } from '../support/library';
import { Peer } from '../support/peer';
import { DIFFERENCES, type DifferenceId } from './differences';

export type DeviceKind = 'kernel' | 'engine';

/** Differences that some scenario has looked at, by device. */
export const examined = new Set<DifferenceId>();

export type RegisterFields = ConstructorParameters<typeof inside.RegisterBody>[0];

/** A registration of all rings with the defaults of the device. */
export const NOTHING: RegisterFields = {
  txSlots: 0,
  rxSlots: 0,
  txRings: 0,
  rxRings: 0,
  hostTxRings: 0,
  hostRxRings: 0,
  memId: 0,
  ringId: 0,
  mode: inside.MODE.all,
  extraBuffers: 0,
  flags: 0,
};

let labs = 0;

/** Everything a scenario needs, on one device: opens ports under names of its own and closes what is left open. */
export class Lab {
  readonly device: DeviceKind;
  /** Bytes in a packet buffer. */
  readonly bufSize: number;
  /** Name of a switch that nobody else uses. */
  readonly vale: string;
  /** Name of an interface that does not exist, for pipes. */
  readonly parent: string;
  private readonly ports: Port[] = [];
  private readonly natives: InstanceType<ReturnType<typeof inside.native>['NativePort']>[] = [];
  private readonly peers: Peer[] = [];
  private readonly undoing: (() => void)[] = [];

  constructor(device: DeviceKind) {
    this.device = device;
    this.bufSize = this.by('buffer-size', { kernel: 2048, engine: Number(process.env.NODE_NETMAP_BUF_SIZE ?? 2112) });
    const unique = `${process.pid.toString(36)}${(labs++).toString(36)}`;
    this.vale = `vale${unique}`;
    this.parent = `np${unique}`;
  }

  /** What a registered difference makes of a result. */
  by<T>(id: DifferenceId, results: Record<DeviceKind, T>): T {
    if (!(id in DIFFERENCES)) throw new Error(`no difference '${id}' is registered`);
    examined.add(id);
    return results[this.device];
  }

  /** Opens any port, by default with rings of 16 slots. */
  open(spec: string | StructuredSpec, options: PortOptions = {}): Port {
    const port = lib.open(spec, { txSlots: 16, rxSlots: 16, ...options, device: this.device });
    this.ports.push(port);
    return port;
  }

  /** A port of the lab's switch. */
  port(name: string, options?: PortOptions): Port {
    return this.open(`${this.vale}:${name}`, options);
  }

  /** First tx and rx ring of a port of the lab's switch. */
  rings(name: string, options?: PortOptions): { port: Port; tx: Ring; rx: Ring } {
    const port = this.port(name, options);
    return { port, tx: port.txRings[0], rx: port.rxRings[0] };
  }

  /** First tx and rx ring of any port. */
  ringsOf(spec: string, options?: PortOptions): { port: Port; tx: Ring; rx: Ring } {
    const port = this.open(spec, options);
    return { port, tx: port.txRings[0], rx: port.rxRings[0] };
  }

  /** One end of a pipe of the lab's. */
  end(brace: '{' | '}', options?: PortOptions, id = 'q') {
    const port = this.open({ name: `${this.parent}${brace}${id}` }, options);
    return { port, tx: port.txRings[0], rx: port.rxRings[0] };
  }

  /** Both ends of a pipe. */
  pipe(options?: PortOptions) {
    return { a: this.end('{', options), b: this.end('}', options) };
  }

  null(options: PortOptions = {}): { port: Port; tx: Ring; rx: Ring } {
    const port = this.open('null:', options);
    return { port, tx: port.txRings[0], rx: port.rxRings[0] };
  }

  /** The errno of opening a port, 0 when it opens. */
  errorOf(spec: string | StructuredSpec, options?: PortOptions): string {
    try {
      this.open(spec, options).close();
      return 'ok';
    } catch (error) {
      return (error as { code?: string }).code ?? String(error);
    }
  }

  /** A descriptor with nothing registered on it. */
  descriptor() {
    const native = new (inside.native().NativePort)();
    const failure = native.open(this.device);
    if (failure) throw new Error(`${this.device}: ${failure.call} gave ${failure.errno}`);
    this.natives.push(native);
    return native;
  }

  /** One request on a descriptor of its own (which stays open): errno, and the body as it came back. */
  request<B extends { bytes: Uint8Array }>(type: number, name: string, body: B): { errno: number; body: B } {
    const native = this.descriptor();
    const failure = native.control(type, name, body.bytes, []);
    return { errno: failure?.errno ?? 0, body };
  }

  /** A registration as the device sees it. */
  register(name: string, fields: Partial<RegisterFields> = {}, options: { bytes: Uint8Array }[] = []) {
    const native = this.descriptor();
    const body = new inside.RegisterBody({ ...NOTHING, ...fields });
    const failure = native.control(
      inside.REQ.REGISTER,
      name,
      body.bytes,
      options.map(({ bytes }) => bytes),
    );
    return { native, errno: failure?.errno ?? 0, out: registerReply(body.bytes), bytes: body.bytes };
  }

  portInfo(name: string, memId = 0) {
    const { errno, body } = this.request(inside.REQ.PORT_INFO_GET, name, new inside.PortInfoBody(memId));
    return { errno, memSize: body.memSize, memId: body.memId, ...body.counts };
  }

  /** Size of a region whose size on the kernel, with buffers of 2048 bytes, is known. */
  memSize(kernelBytes: number, buffers: number): number {
    const pages = (bytes: number) => Math.ceil(bytes / 4096) * 4096;
    return kernelBytes - pages(buffers * 2048) + pages(buffers * this.bufSize);
  }

  /** Another process with the library in it. */
  async peer(): Promise<Peer> {
    const peer = await Peer.start();
    this.peers.push(peer);
    return peer;
  }

  /** What is to be done when the scenario is over and everything closed; last things first. */
  later(undo: () => void): void {
    this.undoing.push(undo);
  }

  async close(): Promise<void> {
    for (const port of this.ports) port.close();
    for (const native of this.natives) native.close();
    for (const peer of this.peers) await peer.end();
    for (const undo of this.undoing.reverse()) undo();
    for (const native of this.natives) native.close();
  }
}

/** Out fields of `nmreq_register`. */
export function registerReply(bytes: Uint8Array) {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return {
    offset: Number(view.getBigUint64(0, true)),
    memSize: Number(view.getBigUint64(8, true)),
    txSlots: view.getUint32(16, true),
    rxSlots: view.getUint32(20, true),
    txRings: view.getUint16(24, true),
    rxRings: view.getUint16(26, true),
    hostTxRings: view.getUint16(28, true),
    hostRxRings: view.getUint16(30, true),
    memId: view.getUint16(32, true),
    ringId: view.getUint16(34, true),
    mode: view.getUint32(36, true),
    extraBuffers: view.getUint32(40, true),
    flags: Number(view.getBigUint64(48, true)),
  };
}
