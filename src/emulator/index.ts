export type { EmulatorCommands } from './commands';
export { control, type ControlAnswer, type ControlOptions } from './control';
export { ControlServer } from './control-server';
export { Departures, type DeparturesOptions, type EmulatedPacket } from './departures';
export { Emulation, type EmulationOptions, type EmulationPort, type EmulationStats } from './emulation';
export { Emulator } from './emulator';
export type { EmulatorOptions } from './emulator';
export type { EmulatorEvents } from './events';
export { Link, type Jitter, type LinkOptions } from './link';
export { OfflineEmulation, type OfflineOptions, type OfflineStats } from './offline';
export { presets, type Preset, type PresetName } from './presets';
export { Queue, type QueueOptions } from './queue';
export type { ScheduledCommand } from './schedule';
export { Scheduler, type SchedulerOptions } from './scheduler';
export type {
  DirectionStats,
  DropCause,
  Drops,
  EmulatorStats,
  FlowStats,
  LinkStats,
  PacketCount,
  PacketDrop,
  QueueStats,
} from './stats';
export type { Bandwidth, Duration, Probability, Size } from './units';
export type { BurstLoss, FlowMask, QueueManagement, QueueSize } from './words';
