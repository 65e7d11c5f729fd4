import { checkInteger } from '../../check';
import { NetmapError } from '../../errors';
import { LINKTYPE_ETHERNET } from '../../pcap/writer';
import { PcapReader } from '../../pcap/reader';

/**
 * Frames of a capture, to be templates of a generator.
 *
 * @param file pcap or pcapng
 * @param most so many from its beginning, 65536 by default
 * @throws NetmapError when the file cannot be read, is no capture, or holds no Ethernet frames
 */
export function readFrames(file: string, most = 65536): Uint8Array[] {
  checkInteger('most', most, 1, 1 << 24);
  const reader = PcapReader.open(file);
  const frames: Uint8Array[] = [];
  try {
    while (frames.length < most) {
      const packet = reader.next();
      if (packet === null) break;
      const { bytes, offset, capturedLength, interfaceId } = packet;
      if (reader.interfaces[interfaceId]?.linkType !== LINKTYPE_ETHERNET || capturedLength < 14) continue;
      frames.push(new Uint8Array(bytes.subarray(offset, offset + capturedLength)));
    }
  } finally {
    reader.close();
  }
  if (frames.length > 0) return frames;
  throw new NetmapError(`${file} holds no Ethernet frames`, { code: 'ERR_NETMAP_CAPTURE' });
}
