import { checkString } from '../check';
import type { CaptureWriter } from './capture-writer';
import { formatOf } from './file-names';
import { PcapngWriter } from './pcapng-writer';
import { PcapWriter } from './writer';

/**
 * Creates a capture of Ethernet frames in the format that its name tells: `.pcapng`, or a classic one for any other name; with
 * `.gz` behind it compressed. Times are in nanoseconds.
 *
 * @throws NetmapError with the system's code when that is not possible
 */
export function createCapture(path: string): CaptureWriter {
  const { format } = formatOf(checkString('path', path));
  return format === 'pcapng' ? PcapngWriter.create(path) : PcapWriter.create(path, { nanoseconds: true });
}
