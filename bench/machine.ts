import { cpus } from 'node:os';
import { netmap } from './library';

export interface Machine {
  cpu: string;
  cores: number;
  node: string;
  platform: string;
  device: string;
  /** Bytes of a packet buffer. */
  buffers: number;
}

/** What the figures were taken on. Opens a port to see which device serves it. */
export function machine(device: 'kernel' | 'engine' | undefined): Machine {
  const port = netmap.open('null:', { device });
  try {
    const all = cpus();
    return {
      cpu: all[0]?.model.trim() ?? 'unknown',
      cores: all.length,
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
      device: port.device,
      buffers: port.bufSize,
    };
  } finally {
    port.close();
  }
}
