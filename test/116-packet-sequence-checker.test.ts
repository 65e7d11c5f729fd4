import t from 'tap';
import { FrameReader, SequenceChecker, SequenceStamp, udpFrame } from 'node-netmap';

t.test('streams are followed one by one', async (t) => {
  const checker = new SequenceChecker();
  for (let number = 0; number < 100; number++) {
    checker.add(1, number);
    if (number % 10 !== 3) checker.add(2, 1000 + number);
    if (number % 2 === 0) checker.add(0xffffffff, number ^ 2);
  }
  t.equal(checker.streams.size, 3);
  t.strictSame(checker.streams.get(1)?.toJSON(), { received: 100, lost: 0, reordered: 0, duplicated: 0, restarts: 0 });
  t.equal(checker.streams.get(2)?.lost, 10);
  t.equal(checker.streams.get(-1)?.reordered, 25);
  t.strictSame(checker.totals(), {
    streams: 3,
    received: 240,
    lost: 10 + (checker.streams.get(-1)?.lost ?? NaN),
    reordered: 25,
    duplicated: 0,
    restarts: 0,
    untracked: 0,
  });
});

t.test('frames: numbered ones are counted, others are left to the caller', async (t) => {
  const memory = new Uint8Array(1024);
  const view = new DataView(memory.buffer);
  const frames = new FrameReader(memory);
  const checker = new SequenceChecker({ window: 128 });
  const plain = udpFrame();
  const stamps = [{}, { stream: 5 }, { stream: 6 }].map((options) => {
    const frame = udpFrame();
    return { frame, stamp: new SequenceStamp(frame, options) };
  });
  memory.set(plain, 512);
  t.equal(checker.addFrame(frames, 512, 60), false);
  for (let number = 0; number < 50; number++) {
    for (const { frame, stamp } of stamps) {
      memory.set(frame, 64);
      stamp.write(view, 64, number);
      t.equal(checker.addFrame(frames, 64, 60), true);
    }
  }
  t.strictSame([...checker.streams.keys()], [0, 5, 6]);
  t.equal(checker.totals().received, 150);
  t.equal(checker.totals().lost, 0);
});

t.test('the number of streams is limited', async (t) => {
  const checker = new SequenceChecker({ maxStreams: 2, window: 32 });
  for (const stream of [1, 2, 3, 4, 2, 3, 1]) checker.add(stream, 0);
  const { streams, received, untracked, duplicated } = checker.totals();
  t.strictSame({ streams, received, untracked, duplicated }, { streams: 2, received: 4, untracked: 3, duplicated: 2 });
});

t.test('options are checked at once', async (t) => {
  t.throws(() => new SequenceChecker({ window: 100 }), { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' });
  t.throws(() => new SequenceChecker({ maxStreams: 0 }), { name: 'RangeError', code: 'ERR_OUT_OF_RANGE' });
});
