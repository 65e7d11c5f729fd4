import type { Benchmark, Conditions, Peer } from '../benchmark';
import { bpfModel } from '../peers/models';
import { single } from './single';

const ONE = 'one rule';
const LINEAR = '100 linear rules';
const ADDRESSES = '10,000 addresses';
const TABLE = 'table of 100,000';
const HIT = 'table of 100,000, hit';

const is =
  (...modes: string[]) =>
  ({ mode = '' }: Conditions) =>
    modes.includes(mode);

/** A program of ours that does the same in another way. */
function otherwise(name: string, program: string, fits: Peer['fits'], change: Conditions = {}): Peer {
  const { measure } = single(program);
  return {
    name,
    fits,
    missing: () => undefined,
    measure: (conditions, session) => measure({ ...conditions, ...change }, session),
  };
}

export const rules: Benchmark = {
  name: 'rules',
  what: "ipfw's rules on batches in memory, none of which matches but by a table that is hit",
  figures: [
    { name: 'rate', unit: 'Mpps', main: true },
    { name: 'time', unit: 'x one rule' },
    { name: 'further rule', unit: 'ns' },
  ],
  goals: [
    { figure: 'rate', atLeast: 25, when: is(ONE) },
    { figure: 'further rule', atMost: 3, when: is(LINEAR) },
    { figure: 'time', atMost: 2, when: is(ADDRESSES, TABLE, HIT) },
  ],
  cases: () => [ONE, LINEAR, ADDRESSES, TABLE, HIT].map((mode) => ({ batch: 512, frame: 60, mode })),
  ours: single('rules'),
  peers: [
    bpfModel(is(ONE)),
    otherwise('the rule in JavaScript', 'rules-by-hand', is(ONE)),
    otherwise('rules in no index', 'rules', is(ADDRESSES, TABLE), { mode: '10,000 linear rules' }),
  ],
};
