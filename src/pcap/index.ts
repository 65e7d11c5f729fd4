export { comparePackets, type CompareOptions, type PacketComparison, type PacketDifference } from './compare';
export type { CaptureWriter } from './capture-writer';
export { createCapture } from './create';
export type { CaptureInterface } from './decoder';
export type { InterfaceDescription, InterfaceStatistics } from './blocks';
export { CapturedPacket } from './packet';
export { PcapngWriter, type PcapngWriterOptions } from './pcapng-writer';
export { PcapReader } from './reader';
export { LINKTYPE_ETHERNET, PcapWriter, type PcapWriterOptions } from './writer';
