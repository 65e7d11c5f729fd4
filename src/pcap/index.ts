export { comparePackets, type CompareOptions, type PacketComparison, type PacketDifference } from './compare';
export type { CaptureInterface } from './decoder';
export { CapturedPacket } from './packet';
export { PcapReader } from './reader';
export { LINKTYPE_ETHERNET, PcapWriter, type PcapWriterOptions } from './writer';
