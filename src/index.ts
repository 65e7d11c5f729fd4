export { open } from './open';
export { Port } from './port';
export { Csb } from './csb';
export { CsbPort } from './csb-port';
export { Kloop, type KloopEventFds, type KloopOptions } from './kloop';
export { Ring } from './ring';
export { Batch, type BatchOptions } from './batches';
export { ExtraBuffers } from './extra-buffers';
export { NetmapError, type NetmapErrorDetails } from './errors';
export { checksum, forward } from './bulk';
export { probe, type Probe } from './probe';
export { ports, reclaimedPorts, type PortReport, type ReclaimedPort } from './ports';
export { portInfo, regionInfo, type InfoOptions, type PortInfo } from './port-info';
export { poolsInfo, type PoolsInfo } from './pools';
export { getPortHeader, setPortHeader, type PortHeaderLength } from './port-header';
export * as vale from './vale';
export type { PoolPlace } from './abi';
export type { RequestOptions } from './request';
export { MAX_FRAGS, NETMAP_API, NR, NS, POLL } from './constants';
export { parsePortName } from './name';
export type { NameConf, NameExtmem, NameFlags, NameOffset, ParsedName, PortMode } from './name';
export type { Counters } from './counters';
export type { RingKind } from './memory';
export type { DeviceKind } from './native';
export type { ExtmemOptions, OffsetOptions, PortOptions, StructuredSpec } from './spec';
export type { WaitOptions } from './waits';
export * from './packet';
export * from './pcap';
export {
  Ruleset,
  VERDICT,
  Verdicts,
  type ClassifyOptions,
  type Match,
  type RuleAction,
  type RuleArgument,
  type RuleList,
  type RuleLogEntry,
  type RuleReport,
  type RulesetOptions,
  type RulesetStats,
  type RuleSpec,
} from './ruleset';
export * from './emulator';
export { reportPage, type Curve } from './report';
export * from './apps';
