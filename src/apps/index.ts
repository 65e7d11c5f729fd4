export { App } from './app';
export { Bridge, type BridgeOptions, type BridgeStats, type LaneStats } from './bridge';
export { bridgeWorkers, type BridgeWorkersOptions } from './bridge/workers';
export { Capture, type CaptureOptions, type CaptureStats } from './capture';
export {
  Distributor,
  type Consumer,
  type ConsumerStats,
  type DistributorOptions,
  type DistributorStats,
  type WhenFull,
} from './distributor';
export type { Details, HistogramData, Share } from './details';
export type { Filter } from './filter';
export { Generator, readFrames } from './generator';
export type { GeneratorOptions, GeneratorStats, SenderStats, SizeMix, Variation, Vary } from './generator';
export type { BatchHook, FrameHook } from './frame-hook';
export type { Traffic } from './meter';
export { Mover } from './mover';
export { PingPong, type PingPongOptions, type PingPongStats } from './ping-pong';
export { PortApp } from './port-app';
export type { ReceiverOptions, ReceiverStats } from './receiver';
export { Replay, type AddressMap, type ReplayOptions, type ReplayStats, type Rewrite } from './replay';
export { Recorder, type RunRecord } from './run-record';
export { MATCH_NAMES, Sink, type Audit, type Match as SinkMatch, type SinkOptions, type SinkStats } from './sink';
export { Workers, type WorkersOptions } from './workers';
