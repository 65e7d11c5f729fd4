import { parse, join } from 'node:path';

/** `out.pcap.gz` is `out` and `.pcap.gz`. */
function split(path: string): { stem: string; suffix: string } {
  const packed = path.endsWith('.gz') ? '.gz' : '';
  const { dir, name, ext } = parse(packed ? path.slice(0, -packed.length) : path);
  return { stem: join(dir, name), suffix: ext + packed };
}

/**
 * The name of a file in a row of files: `out.pcapng` becomes `out_00001_20261122193012.pcapng` (number and local time), as
 * dumpcap names them, so that names in alphabetical order are files in the order of time.
 */
export function numberedName(path: string, number: number, time: Date): string {
  const { stem, suffix } = split(path);
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${time.getFullYear()}${two(time.getMonth() + 1)}${two(time.getDate())}`;
  const clock = `${two(time.getHours())}${two(time.getMinutes())}${two(time.getSeconds())}`;
  return `${stem}_${String(number).padStart(5, '0')}_${date}${clock}${suffix}`;
}

/** What a name says about the file: `.pcapng`, and `.gz` behind it. */
export function formatOf(path: string): { format: 'pcap' | 'pcapng'; gzip: boolean } {
  const { suffix } = split(path);
  return { format: /\.(pcapng|ntar)\b/i.test(suffix) ? 'pcapng' : 'pcap', gzip: suffix.endsWith('.gz') };
}
