import t from 'tap';
import { SequenceTracker } from 'node-netmap';
import { Random } from './random';

function tracked(numbers: Iterable<number>, window?: number): SequenceTracker {
  const tracker = new SequenceTracker(window);
  for (const number of numbers) tracker.add(number);
  return tracker;
}

function counts(received: number, lost: number, reordered: number, duplicated: number, restarts = 0): object {
  return { received, lost, reordered, duplicated, restarts };
}

t.test('small cases', async (t) => {
  const check = (numbers: number[], expected: object): void => {
    t.strictSame(tracked(numbers).toJSON(), expected, numbers.join(' '));
  };
  check([], counts(0, 0, 0, 0));
  check([0], counts(1, 0, 0, 0));
  check([7], counts(1, 0, 0, 0));
  check([0, 1, 2, 3], counts(4, 0, 0, 0));
  check([5, 6, 8], counts(3, 1, 0, 0));
  check([0, 2, 1, 3], counts(4, 0, 1, 0));
  check([0, 1, 1, 2], counts(4, 0, 0, 1));
  check([0, 0, 0], counts(3, 0, 0, 2));
  check([0, 3, 3, 1, 1, 2, 4], counts(7, 0, 2, 2));
  check([10, 8, 9, 11], counts(4, 0, 2, 0));
  check([10, 7, 11], counts(3, 2, 1, 0));
  check([0, 1, 2, 0, 1, 2], counts(6, 0, 0, 3));
  check([100, 40, 39, 100, 40], counts(5, 59, 2, 2));
});

t.test('the numbers wrap at 2^32, in either notation', async (t) => {
  const wrap = [0xfffffffd, 0xfffffffe, 0xffffffff, 0, 1];
  t.strictSame(tracked(wrap).toJSON(), counts(5, 0, 0, 0));
  t.strictSame(tracked(wrap.map((number) => number | 0)).toJSON(), counts(5, 0, 0, 0));
  t.strictSame(tracked([0xfffffffe, 1, 0xffffffff, 0, 0]).toJSON(), counts(5, 0, 2, 1));
  t.strictSame(tracked([0x7fffffff, 0x80000000, 0x80000002]).toJSON(), counts(3, 1, 0, 0));
  t.strictSame(tracked([2 ** 32 + 1, 2 ** 33 + 2]).toJSON(), counts(2, 0, 0, 0));
});

t.test('a gap of any size is a loss, up to half of all numbers', async (t) => {
  t.strictSame(tracked([0, 1_000_000, 1_000_001]).toJSON(), counts(3, 999_999, 0, 0));
  t.strictSame(tracked([0, 0x7fffffff]).toJSON(), counts(2, 0x7ffffffe, 0, 0));
  t.strictSame(tracked([0, 100_000, 100_000 - 65_535]).toJSON(), counts(3, 99_998, 1, 0), 'just within the window');
  t.strictSame(tracked([0, 100_000, 100_000 - 65_536]).toJSON(), counts(3, 99_999, 1, 0), 'just beyond: stays lost');
});

t.test('old window contents never come back', async (t) => {
  const window = 64;
  const tracker = tracked([], window);
  for (let number = 0; number < 1000; number++) if (number % 3 !== 0) tracker.add(number);
  t.strictSame(tracker.toJSON(), counts(666, 332, 0, 0));
  for (let number = 940; number < 1000; number++) if (number % 3 === 0) tracker.add(number);
  t.equal(tracker.lost, 332 - 19);
  t.equal(tracker.reordered, 19, '942 to 996; 999 was due');
  t.equal(tracker.duplicated, 0);
});

t.test('numbering that starts again is a restart, not a loss', async (t) => {
  const run = Array.from({ length: 5000 }, (_, number) => number);
  t.strictSame(tracked([...run, ...run, ...run], 1024).toJSON(), counts(15000, 0, 0, 0, 2));
  t.strictSame(tracked([...run, 0, 2, 3, 1, 4], 1024).toJSON(), counts(5005, 0, 2, 0, 1), 'out of order at its start');
  t.strictSame(
    tracked([...run, 0, 5000, 1, 5001], 1024).toJSON(),
    counts(5004, 0, 2, 0, 0),
    'single late ones are none',
  );
  t.strictSame(tracked([...run, 1, 2, 0], 1024).toJSON(), counts(5003, 0, 1, 0, 1), 'its first packet late');
});

/** The same rules with plain numbers and sets, which remember everything. */
class Model {
  received = 0;
  lost = 0;
  reordered = 0;
  duplicated = 0;
  private readonly seen = new Set<number>();
  private lowest = 0;
  private highest = 0;
  private readonly window: number;

  constructor(window: number) {
    this.window = window;
  }

  add(number: number): void {
    if (this.received++ === 0) {
      this.lowest = this.highest = number;
    } else if (number > this.highest) {
      this.lost += number - this.highest - 1;
      this.highest = number;
    } else if (this.highest - number >= this.window) {
      this.reordered++;
      return;
    } else if (this.seen.has(number)) {
      this.duplicated++;
      return;
    } else {
      this.reordered++;
      if (number < this.lowest) {
        this.lost += this.lowest - number - 1;
        this.lowest = number;
      } else {
        this.lost--;
      }
    }
    this.seen.add(number);
  }
}

t.test('random traffic agrees with the model', async (t) => {
  const random = new Random(0x5e9);
  for (let round = 0; round < 150; round++) {
    const window = random.pick([32, 64, 256, 1024]);
    const tracker = new SequenceTracker(window);
    const model = new Model(window);
    // Starts near a wrap more often than not; the model counts on beyond it.
    let due = random.pick([0, 1, 2 ** 31 - 500, 2 ** 32 - 500, 2 ** 32 - 40, random.u32()]);
    let lastStale = false;
    const lossy = random.below(3);
    for (let step = 0; step < 2000; step++) {
      const dice = random.below(100);
      let number = due;
      if (dice < 4 * lossy) number = due + random.below(window + 40);
      else if (dice < 12) number = due - 1 - random.below(window);
      else if (dice === 12 && !lastStale) number = due - window - 1 - random.below(200);
      else if (dice < 30 && lossy > 0) number = due - 1 - random.below(5);
      if (number < 0) continue;
      lastStale = model.received > 0 && number < due - window;
      tracker.add(number);
      model.add(number);
      due = Math.max(due, number + 1);
    }
    const { received, lost, reordered, duplicated } = model;
    t.strictSame(tracker.toJSON(), counts(received, lost, reordered, duplicated), `round ${round}, window ${window}`);
  }
});

t.test('window sizes', async (t) => {
  for (const window of [16, 33, 100, 2 ** 25, 0, -64, 64.5, NaN]) {
    t.throws(() => new SequenceTracker(window), { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' }, String(window));
  }
  t.equal(tracked([0, 1], 32).received, 2);
  t.equal(tracked([0, 1], 2 ** 24).received, 2);
});
