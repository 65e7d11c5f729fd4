import { checkString, outOfRange, wrongValue } from './check';
import { openDevice } from './devices';
import type { DeviceKind, NativePort } from './native';
import { readDevice } from './spec';
import { systemError } from './system-error';

/** Where a request goes. */
export interface RequestOptions {
  /** As for {@link open}: default `NODE_NETMAP_DEVICE`, else the kernel where it can be used, else the engine. */
  device?: DeviceKind;
}

/** What to do about the errno of a request. */
export type Hints = Readonly<Record<number, string>>;

/** A control request that binds no port. */
export interface Request {
  /** For the message: `attaching`, `listing`. */
  doing: string;
  /** Name of the request, for the error. */
  call: string;
  type: number;
  /** `nr_name` */
  name: string;
  /** For the message, where the name says too little. */
  label?: string;
  /** Changed in place. */
  body: { bytes: Uint8Array } | null;
  hints?: Hints;
}

/** Bytes of `nr_name`. */
export const NAME_BYTES = 64;

/** A descriptor with no port, to ask on; closed at the end. */
export function withDevice<T>(options: RequestOptions, label: string, use: (asker: Asker) => T): T {
  const { native, device } = openDevice(readDevice('options.device', options.device), label);
  try {
    return use(new Asker(native, device));
  } finally {
    native.close();
  }
}

/** Asks a device. */
export class Asker {
  readonly device: DeviceKind;
  private readonly native: NativePort;

  constructor(native: NativePort, device: DeviceKind) {
    this.native = native;
    this.device = device;
  }

  /** Throws a NetmapError when the device refuses. */
  ask(request: Request): void {
    const failure = this.attempt(request);
    if (failure === undefined) return;
    throw systemError(request.doing, failure.errno, {
      port: request.label ?? request.name,
      device: this.device,
      call: request.call,
      detail: failure.detail,
      hint: this.device === 'kernel' ? request.hints?.[failure.errno] : undefined,
    });
  }

  /** As {@link Asker.ask}, but the refusal is returned. `nameOut` takes the name that came back. */
  attempt({ type, name, body }: Request, nameOut?: Uint8Array): { errno: number; detail: string } | undefined {
    return this.native.control(type, name, body?.bytes ?? null, [], undefined, nameOut) ?? undefined;
  }
}

/** One request on a descriptor of its own. */
export function request(options: RequestOptions, wanted: Request): DeviceKind {
  return withDevice(options, wanted.label ?? wanted.name, (asker) => {
    asker.ask(wanted);
    return asker.device;
  });
}

/** A name as the device takes it, not subject to the grammar of port names. */
export function checkName(argument: string, value: unknown): string {
  const name = checkString(argument, value);
  if (name === '') throw wrongValue(argument, 'must not be empty', value);
  if (name.includes('\0')) throw wrongValue(argument, 'must not contain NUL', value);
  if (Buffer.byteLength(name) >= NAME_BYTES) throw outOfRange(argument, `at most ${NAME_BYTES - 1} bytes long`, value);
  return name;
}
