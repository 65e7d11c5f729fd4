import { NetmapError } from '../../errors';
import { LINKTYPE_ETHERNET } from '../../pcap/writer';
import { PcapReader } from '../../pcap/reader';

/**
 * Opens a capture of Ethernet frames.
 *
 * @throws NetmapError when the file cannot be read, is no capture, or not one of Ethernet
 */
export function openCapture(file: string): PcapReader {
  const reader = PcapReader.open(file);
  const { linkType } = reader;
  if (linkType === undefined || linkType === LINKTYPE_ETHERNET) return reader;
  reader.close();
  const hint = 'tcprewrite --dlt=enet (of tcpreplay) converts some kinds';
  throw new NetmapError(`${file} holds packets of link type ${linkType}, expected Ethernet (1); ${hint}`, {
    code: 'ERR_NETMAP_CAPTURE',
    hint,
  });
}
