import type { LinkOptions } from './link';

/** A link as people have it: `out` is the way up, from the inside, `in` the way down. */
export interface Preset {
  out: LinkOptions;
  in: LinkOptions;
}

/** Rates of both ways, and the round trip in ms, which both have half of. */
function preset(up: string, down: string, roundTrip: number): Preset {
  const delay = { milliseconds: roundTrip / 2 };
  return { out: { bandwidth: up, delay }, in: { bandwidth: down, delay } };
}

/**
 * Links of well-known kinds, as rates and delays; neither loss nor long queues are part of them.
 *
 * `dial`, `edge`, `2g`, `3g-slow`, `3g`, `3g-fast`, `4g`, `lte`, `dsl`, `cable` and `fiber` are WebPageTest's
 * (`connectivity.ini.sample`: Dial, Edge, 2G, 3GSlow, 3G, 3GFast, 4G, LTE, DSL, Cable, FIOS), `wifi` is that of Firefox's network monitor.
 * `satellite` is a geostationary one: a round trip of 600 ms, which is two hops of some 250 ms (RFC 2488) and what the ground adds;
 * its rates are an example.
 *
 * ```ts
 * const { out, in: down } = presets.lte;
 * new Emulator([new Link(1, out), new Link(2, { ...down, loss: 0.01 }), 'add pipe 1 out', 'add pipe 2 in']);
 * ```
 */
export const presets = {
  dial: preset('30Kbit/s', '49Kbit/s', 120),
  edge: preset('200Kbit/s', '240Kbit/s', 840),
  '2g': preset('256Kbit/s', '280Kbit/s', 800),
  '3g-slow': preset('400Kbit/s', '400Kbit/s', 400),
  '3g': preset('768Kbit/s', '1.6Mbit/s', 300),
  '3g-fast': preset('768Kbit/s', '1.6Mbit/s', 150),
  '4g': preset('9Mbit/s', '9Mbit/s', 170),
  lte: preset('12Mbit/s', '12Mbit/s', 70),
  dsl: preset('384Kbit/s', '1.5Mbit/s', 50),
  cable: preset('1Mbit/s', '5Mbit/s', 28),
  fiber: preset('5Mbit/s', '20Mbit/s', 4),
  wifi: preset('15Mbit/s', '30Mbit/s', 2),
  satellite: preset('5Mbit/s', '20Mbit/s', 600),
} as const satisfies Record<string, Preset>;

/** Names of {@link presets}. */
export type PresetName = keyof typeof presets;
