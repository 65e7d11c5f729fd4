import type { Topic } from './scenario';

/** The whole list, as the device left it. */
function list(port: import('../support/library').Port): number[] {
  const found: number[] = [];
  for (let index = port.extraBuffers.take(); index !== 0; index = port.extraBuffers.take()) found.push(index);
  for (const index of [...found].reverse()) port.extraBuffers.give(index);
  return found;
}

export const extraBuffers: Topic = {
  title: 'extra buffers',
  rules: {
    'are a list that begins with the last one taken and ends with 0': (t, lab) => {
      const port = lab.port('a', { extraBuffers: 10 });
      t.equal(port.extraBuffers.available, 10);
      t.strictSame(list(port), [43, 42, 41, 40, 39, 38, 37, 36, 35, 34]);
      t.equal(port.u32[port.bufferOffset(34) / 4], 0);
    },

    'make the region larger': (t, lab) => {
      const { out } = lab.register(`${lab.vale}:a`, { extraBuffers: 10 });
      t.equal(out.extraBuffers, 10);
      t.equal(out.memSize, lab.memSize(42389504, 20492));
    },

    'belong to the descriptor': (t, lab) => {
      const first = lab.port('a', { extraBuffers: 3 });
      const second = lab.port('a', { extraBuffers: 2 });
      t.strictSame(list(first), [36, 35, 34]);
      t.strictSame(list(second), [38, 37]);
      second.close();
      t.strictSame(list(lab.port('a', { extraBuffers: 2 })), [38, 37], 'freed at its close');
    },

    'of both ends of a pipe are apart': (t, lab) => {
      const a = lab.end('{', { extraBuffers: 3, txSlots: 8, rxSlots: 8 });
      const b = lab.end('}', { extraBuffers: 2 });
      t.strictSame(list(a.port), [20, 19, 18]);
      t.strictSame(list(b.port), [22, 21]);
    },

    'are as many as there are': (t, lab) => {
      const a = lab.port('a', { txSlots: 64, rxSlots: 64 });
      const { errno, out } = lab.register(`${lab.vale}:b`, {
        memId: a.memId,
        txSlots: 64,
        rxSlots: 64,
        extraBuffers: 50000,
      });
      t.equal(errno, 0);
      t.equal(out.extraBuffers, 4098 - 2 - 256);
    },

    'taken and not given back, they are lost until the region goes': (t, lab) => {
      const a = lab.port('a', { extraBuffers: 2 });
      const b = lab.port('b', { memId: a.memId });
      const taken = a.extraBuffers.take();
      a.close();
      const c = lab.port('c', { memId: b.memId, extraBuffers: 4 });
      t.notOk(list(c).includes(taken));
    },
  },
};
