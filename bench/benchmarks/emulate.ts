import type { Benchmark, Conditions } from '../benchmark';
import { single } from './single';

const cases: Conditions[] = [
  { batch: 512, frame: 60, mode: 'rule' },
  { batch: 512, frame: 60, mode: 'pipe' },
  { batch: 512, frame: 1514, mode: '10G' },
];

export const emulate: Benchmark = {
  name: 'emulate',
  what: 'port to port through an emulator: one rule; 1 ms of delay; 10 Gbit/s and 100 ms. One spinning core, and one for both ends',
  figures: [
    { name: 'rate', unit: 'Mpps', main: true },
    { name: 'offered', unit: 'Mpps' },
    { name: 'dropped', unit: 'packets' },
    { name: 'unaccounted', unit: 'packets' },
    { name: 'memory', unit: 'MiB' },
  ],
  goals: [
    { figure: 'rate', atLeast: 15, when: ({ mode }) => mode === 'rule' },
    { figure: 'rate', atLeast: 6, when: ({ mode }) => mode === 'pipe' },
    { figure: 'rate', atLeast: 10, when: ({ mode }) => mode === 'pipe', aim: true },
    { figure: 'rate', atLeast: 0.81, when: ({ mode }) => mode === '10G' },
    { figure: 'dropped', atMost: 0, when: ({ mode }) => mode === '10G' },
    { figure: 'unaccounted', atMost: 0, when: () => true },
    // 1.3 times 10 Gbit/s * 100 ms.
    { figure: 'memory', atMost: 155, when: ({ mode }) => mode === '10G' },
  ],
  cases: () => cases,
  ours: single('emulate', 'pipe'),
  peers: [],
};

export const emulateDelay: Benchmark = {
  name: 'emulate-delay',
  what: 'how much later than its 1 ms a frame comes out of a link, one at a time, with a spinning core; both ends look all the time, with real-time priority if permitted',
  figures: [
    { name: 'p50', unit: 'us', main: true },
    { name: 'p99', unit: 'us' },
    { name: 'alone', unit: 'us' },
    { name: 'preempted', unit: '%' },
    { name: 'runner p50', unit: 'us' },
    { name: 'runner p99', unit: 'us' },
    { name: 'realtime', unit: '' },
  ],
  goals: [
    { figure: 'p50', atMost: 5, when: () => true },
    { figure: 'p99', atMost: 50, when: () => true },
    { figure: 'runner p99', atMost: 50, when: () => true },
  ],
  cases: () => [{ frame: 60, mode: 'delay' }],
  ours: single('emulate', 'pipe'),
  peers: [],
};

export const emulateRate: Benchmark = {
  name: 'emulate-rate',
  what: 'by how much a link of 1 Gbit/s misses its rate over the time of a measurement, with full-size frames; seen from its far end',
  figures: [{ name: 'error', unit: '%', main: true }],
  goals: [{ figure: 'error', atMost: 0.1, when: () => true }],
  cases: () => [{ mode: '1G' }],
  ours: single('emulate', 'pipe'),
  peers: [],
};

export const emulateChange: Benchmark = {
  name: 'emulate-change',
  what: 'how long an emulator that spins stands still while commands come into force, which were read and compiled beside it',
  figures: [
    { name: 'p50', unit: 'us', main: true },
    { name: 'p99', unit: 'us' },
    { name: 'most', unit: 'us' },
    { name: 'command', unit: 'ms' },
    { name: 'unaccounted', unit: 'packets' },
    { name: 'realtime', unit: '' },
  ],
  goals: [
    { figure: 'p50', atMost: 50, when: () => true },
    { figure: 'unaccounted', atMost: 0, when: () => true },
  ],
  cases: () => ['a link', '1,000 rules', 'table of 100,000', 'show, stats'].map((mode) => ({ batch: 512, mode })),
  ours: single('emulate-change', 'pipe'),
  peers: [],
};
