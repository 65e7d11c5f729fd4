import { inside } from '../support/library';
import type { Lab } from './lab';
import type { Topic } from './scenario';

const ENOENT = 2;
const EINVAL = 22;

class ListBody {
  readonly bytes = new Uint8Array(8);
  private readonly view = new DataView(this.bytes.buffer);

  constructor(bridge: number, port: number) {
    this.view.setUint16(0, bridge, true);
    this.view.setUint32(4, port, true);
  }
  get at(): [number, number] {
    return [this.view.getUint16(0, true), this.view.getUint32(4, true)];
  }
}

/** `[bridge, port]`, or the errno. */
function list(lab: Lab, name: string, bridge = 0, port = 0): [number, number] | number {
  const { errno, body } = lab.request(inside.REQ.VALE_LIST, name, new ListBody(bridge, port));
  return errno || body.at;
}

/** All ports from a cursor on. */
function all(lab: Lab): string[] {
  const found: string[] = [];
  for (
    let at = list(lab, '', 0, 0);
    typeof at !== 'number' && found.length < 100;
    at = list(lab, '', at[0], at[1] + 1)
  ) {
    found.push(at.join(','));
  }
  return found;
}

export const valeList: Topic = {
  title: 'VALE_LIST',
  rules: {
    'goes through the ports of all switches': (t, lab) => {
      const before = all(lab);
      const a = lab.port('a');
      lab.port('b');
      lab.open(`${lab.vale}x:c`);
      const at = (name: string) => String(list(lab, name));
      const own = [at(`${lab.vale}:a`), at(`${lab.vale}:b`), at(`${lab.vale}x:c`)];
      const found = all(lab);
      t.strictSame(
        found.filter((entry) => !before.includes(entry)),
        [...own].sort(),
      );
      a.close();
      t.notOk(all(lab).includes(own[0]));
    },

    'begins with the first port at or after the cursor': (t, lab) => {
      lab.port('a');
      lab.port('b');
      lab.open(`${lab.vale}x:c`);
      const [bridge] = list(lab, `${lab.vale}:a`) as [number, number];
      const [other] = list(lab, `${lab.vale}x:c`) as [number, number];
      t.strictSame(list(lab, '', bridge, 0), [bridge, 0]);
      t.strictSame(list(lab, '', bridge, 1), [bridge, 1]);
      if (other === bridge + 1) {
        for (const port of [2, 254, 300, 65536]) t.strictSame(list(lab, '', bridge, port), [other, 0], `port ${port}`);
      }
    },

    'ends with ENOENT': (t, lab) => {
      lab.port('a');
      t.equal(list(lab, '', 100, 0), ENOENT);
    },

    'finds by name, with port 255 where the switch has no such port': (t, lab) => {
      lab.port('a');
      lab.port('b');
      const [bridge] = list(lab, `${lab.vale}:a`) as [number, number];
      t.strictSame(list(lab, `${lab.vale}:b`, 7, 7), [bridge, 1], 'the cursor is not looked at');
      t.strictSame(list(lab, `${lab.vale}:none`), [bridge, 255]);
      t.strictSame(list(lab, `${lab.vale}:`), [bridge, 255]);
      t.strictSame(list(lab, `${lab.vale}:a{1`), [bridge, 255]);
    },

    'knows no other names': (t, lab) => {
      lab.port('a');
      t.equal(list(lab, `${lab.vale}y:a`), ENOENT);
      t.equal(list(lab, lab.vale), ENOENT);
      t.equal(list(lab, 'eth0'), EINVAL);
    },

    'lists no pipes': (t, lab) => {
      const before = all(lab).length;
      lab.port('a', { txSlots: 64, rxSlots: 64 });
      lab.open({ name: `${lab.vale}:a{1` });
      lab.pipe();
      t.equal(all(lab).length, before + 1);
    },
  },
};
