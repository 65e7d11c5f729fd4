/** Numbers as people read them. */

const STEPS: readonly [number, string][] = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
];

function scaled(value: number, unit: string): string {
  for (const [factor, prefix] of STEPS) if (value >= factor) return `${(value / factor).toFixed(2)} ${prefix}${unit}`;
  return `${value.toFixed(value > 0 && value < 10 ? 2 : 0)} ${unit}`;
}

/** A rate of packets: `45.12 Mpps`. */
export function packetRate(pps: number): string {
  return scaled(pps, 'pps');
}

/** A rate of bits: `21.66 Gbit/s`. */
export function bitRate(bitsPerSecond: number): string {
  return scaled(bitsPerSecond, 'bit/s');
}

/** `1 packet`, `2 packets`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`;
}

/** A share in percent; what is lost must not look like nothing. */
export function percent(part: number, all: number): string {
  const share = all > 0 ? (100 * part) / all : 0;
  return share > 0 && share < 0.01 ? '< 0.01 %' : `${share.toFixed(2)} %`;
}

/** A size of memory: `4.2 MiB`. */
export function size(bytes: number): string {
  for (const [factor, unit] of [
    [2 ** 30, 'GiB'],
    [2 ** 20, 'MiB'],
    [2 ** 10, 'KiB'],
  ] as const) {
    if (bytes >= factor) return `${(bytes / factor).toFixed(1)} ${unit}`;
  }
  return `${bytes} B`;
}
