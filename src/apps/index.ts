export { App } from './app';
export { Capturer, type CapturerOptions, type CapturerStats } from './capturer';
export type { Audit } from './frame-auditor';
export { Generator, MIN_LENGTH, type GeneratorOptions, type SenderStats } from './generator';
export type { Traffic } from './meter';
export type { ReceiverOptions, ReceiverStats } from './receiver';
export { Replayer, type ReplayerOptions, type ReplayerStats } from './replayer';
export { Sink, type SinkOptions, type SinkStats } from './sink';
