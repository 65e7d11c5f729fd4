import type { InterfaceStatistics } from './blocks';
import type { CapturedPacket } from './packet';

/** An interface that packets were captured on. */
export interface CaptureInterface {
  /** Link type of its packets, for example 1 for Ethernet (tcpdump's LINKTYPE_ numbers). */
  linkType: number;
  /** Most bytes of a packet that were kept; 0 = no limit. */
  snaplen: number;
  /** Its name, where the capture tells. */
  name?: string;
  /** Its counters, as far as the capture tells and has been read: the last ones there were. */
  statistics?: InterfaceStatistics;
}

/** What the reader asks of a capture format. */
export interface Decoder {
  /** Which of the two. */
  readonly format: 'pcap' | 'pcapng';
  /** The interfaces known so far; exactly one in classic captures. */
  readonly interfaces: readonly CaptureInterface[];
  /**
   * Reads the next packet into `packet`; false at the end of the file.
   *
   * @throws NetmapError (`ERR_NETMAP_CAPTURE`) when the file is damaged here
   */
  next(packet: CapturedPacket): boolean;
}

/** The longest packet that a capture may claim to hold: what tcpdump's library allows at most, 128 MiB. */
export const MAX_PACKET = 1 << 27;
