import { NetmapError } from './errors';
import { native, type DeviceKind, type Failure, type NativePort } from './native';
import { readDevice } from './spec';
import { systemError } from './system-error';

/** A device, open but with no port registered on it. */
export interface OpenDevice {
  native: NativePort;
  device: DeviceKind;
}

/** What `NODE_NETMAP_DEVICE` asks for. */
export function deviceFromEnvironment(): DeviceKind | undefined {
  return readDevice('NODE_NETMAP_DEVICE', process.env.NODE_NETMAP_DEVICE || undefined);
}

/** Opens one device. */
export function tryDevice(device: DeviceKind): NativePort | Failure {
  const port = new (native().NativePort)();
  return port.open(device) ?? port;
}

/** Opens the device that is asked for, or the best there is. */
export function openDevice(wanted: DeviceKind | undefined, label: string): OpenDevice {
  const insisted = wanted ?? deviceFromEnvironment();
  const failures: NetmapError[] = [];
  for (const device of insisted ? [insisted] : (['kernel', 'engine'] as const)) {
    const opened = tryDevice(device);
    if (!('errno' in opened)) return { native: opened, device };
    failures.push(
      systemError('opening', opened.errno, { port: label, device, call: opened.call, detail: opened.detail }),
    );
  }
  if (failures.length === 1) throw failures[0];
  throw new NetmapError(
    `no netmap device can serve '${label}': ${failures.map((failure) => failure.message).join('. And ')}`,
    { code: 'ERR_NETMAP_DEVICE', port: label, hint: 'run "npx node-netmap probe"' },
  );
}
