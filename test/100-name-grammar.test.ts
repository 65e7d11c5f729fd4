import t from 'tap';
import { parsePortName, type NameFlags, type ParsedName } from 'node-netmap';

type FlagLetter = 'x' | 'z' | 't' | 'r' | 'R' | 'T';

const LETTERS: Record<FlagLetter, keyof NameFlags> = {
  x: 'exclusive',
  z: 'zeroCopyMonitor',
  t: 'monitorTx',
  r: 'monitorRx',
  R: 'rxOnly',
  T: 'txOnly',
};

function flags(letters: string): NameFlags {
  const all = {
    exclusive: false,
    zeroCopyMonitor: false,
    monitorTx: false,
    monitorRx: false,
    rxOnly: false,
    txOnly: false,
  };
  for (const letter of letters) all[LETTERS[letter as FlagLetter]] = true;
  return all;
}

/** What a name means, with the defaults left out. */
type Meaning = Partial<Omit<ParsedName, 'flags'>> & { name: string; letters?: string };

function full({ letters = '', ...rest }: Meaning): ParsedName {
  return { mode: 'all', ring: 0, memId: 0, conf: {}, flags: flags(letters), ...rest };
}

function accept(group: string, rows: readonly (readonly [string, Meaning])[]): void {
  t.test(group, async (t) => {
    for (const [text, meaning] of rows) t.strictSame(parsePortName(text), full(meaning), text);
  });
}

const longest = 'n'.repeat(63);

accept('ports and names', [
  ['netmap:eth0', { name: 'eth0' }],
  ['netmap:14', { name: '14' }],
  ['vale0:p', { name: 'vale0:p' }],
  ['vale0:0', { name: 'vale0:0' }],
  ['vale:0', { name: 'vale:0' }],
  ['valeXXX:YYY', { name: 'valeXXX:YYY' }],
  ['vale_a1:b', { name: 'vale_a1:b' }],
  ['netmap:vale0:0', { name: 'vale0:0' }],
  [`netmap:${longest}`, { name: longest }],
  [`vale0:${'n'.repeat(57)}`, { name: `vale0:${'n'.repeat(57)}` }],
]);

accept('names are taken literally', [
  ['netmap:eth0&', { name: 'eth0&' }],
  ['netmap:eth0+', { name: 'eth0+' }],
  ['netmap:eth0 ', { name: 'eth0 ' }],
  ['netmap:em0.123', { name: 'em0.123' }],
  ['netmap:br+lan:1', { name: 'br+lan:1' }],
  ['vale0:', { name: 'vale0:' }],
  ['vale0:a:b', { name: 'vale0:a:b' }],
  ['netmap:éth', { name: 'éth' }],
]);

accept('modes', [
  ['netmap:eth0-0', { name: 'eth0', mode: 'ring', ring: 0 }],
  ['netmap:eth0-1', { name: 'eth0', mode: 'ring', ring: 1 }],
  ['netmap:eth0-2', { name: 'eth0', mode: 'ring', ring: 2 }],
  ['netmap:eth0-4094', { name: 'eth0', mode: 'ring', ring: 4094 }],
  ['netmap:eth0-007', { name: 'eth0', mode: 'ring', ring: 7 }],
  ['valeXXX:YYY-4', { name: 'valeXXX:YYY', mode: 'ring', ring: 4 }],
  ['netmap:eth0*', { name: 'eth0', mode: 'all+host' }],
  ['netmap:eth0^', { name: 'eth0', mode: 'host' }],
  ['netmap:eth0^3', { name: 'eth0', mode: 'host-ring', ring: 3 }],
  ['netmap:eth0^0', { name: 'eth0', mode: 'host-ring', ring: 0 }],
  ['netmap:eth0^4094/x', { name: 'eth0', mode: 'host-ring', ring: 4094, letters: 'x' }],
]);

accept('pipes', [
  ['netmap:p{q', { name: 'p{q' }],
  ['netmap:p}q', { name: 'p}q' }],
  ['netmap:pipe{0', { name: 'pipe{0' }],
  ['netmap:pipe{in', { name: 'pipe{in' }],
  ['netmap:pipe{in-7', { name: 'pipe{in', mode: 'ring', ring: 7 }],
  ['vale0:0{0', { name: 'vale0:0{0' }],
  ['vale0:a{1', { name: 'vale0:a{1' }],
  ['netmap:p{_A9', { name: 'p{_A9' }],
  // The device refuses this one; the name itself is well-formed.
  ['netmap:p{q^', { name: 'p{q', mode: 'host' }],
]);

accept('flags', [
  ['netmap:eth0/x', { name: 'eth0', letters: 'x' }],
  ['netmap:eth0/z', { name: 'eth0', letters: 'z' }],
  ['netmap:eth0/r', { name: 'eth0', letters: 'r' }],
  ['netmap:eth0/t', { name: 'eth0', letters: 't' }],
  ['netmap:eth0/R', { name: 'eth0', letters: 'R' }],
  ['netmap:eth0/T', { name: 'eth0', letters: 'T' }],
  ['netmap:eth0/tz', { name: 'eth0', letters: 'tz' }],
  ['vale0:a/t', { name: 'vale0:a', letters: 't' }],
  ['vale0:a/rt', { name: 'vale0:a', letters: 'rt' }],
  ['netmap:eth0/xx', { name: 'eth0', letters: 'x' }],
  ['netmap:eth0-2/R', { name: 'eth0', mode: 'ring', ring: 2, letters: 'R' }],
  ['netmap:eth0-2/Tx', { name: 'eth0', mode: 'ring', ring: 2, letters: 'Tx' }],
  ['netmap:eth0*/xztrRT', { name: 'eth0', mode: 'all+host', letters: 'xztrRT' }],
]);

accept('memory ids', [
  ['netmap:eth0@2', { name: 'eth0', memId: 2 }],
  ['netmap:eth0@2/R', { name: 'eth0', memId: 2, letters: 'R' }],
  ['vale0:a/x@1', { name: 'vale0:a', memId: 1, letters: 'x' }],
  ['netmap:eth0@2/R@2', { name: 'eth0', memId: 2, letters: 'R' }],
  ['netmap:eth0-3@2/R@2', { name: 'eth0', mode: 'ring', ring: 3, memId: 2, letters: 'R' }],
  ['netmap:eth0@65535', { name: 'eth0', memId: 65535 }],
  ['netmap:eth0@65537', { name: 'eth0', memId: 1 }],
  ['netmap:eth0/@2', { name: 'eth0', memId: 2 }],
]);

accept('@conf', [
  ['netmap:eth0@conf:rings=2', { name: 'eth0', conf: { txRings: 2, rxRings: 2 } }],
  ['netmap:eth0@conf:host-rings=2', { name: 'eth0', conf: { hostTxRings: 2, hostRxRings: 2 } }],
  ['netmap:eth0@conf:slots=64', { name: 'eth0', conf: { txSlots: 64, rxSlots: 64 } }],
  ['vale0:a@conf:tx-rings=1,rx-rings=2', { name: 'vale0:a', conf: { txRings: 1, rxRings: 2 } }],
  ['vale0:a@conf:host-tx-rings=1,host-rx-rings=2', { name: 'vale0:a', conf: { hostTxRings: 1, hostRxRings: 2 } }],
  ['vale0:a@conf:tx-slots=1,rx-slots=2', { name: 'vale0:a', conf: { txSlots: 1, rxSlots: 2 } }],
  ['vale0:a@conf:tx_slots=1,rx-slots=2', { name: 'vale0:a', conf: { txSlots: 1, rxSlots: 2 } }],
  ['vale0:a@conf:tx-rings=3,rings=2', { name: 'vale0:a', conf: { txRings: 3, rxRings: 2 } }],
  ['vale0:a@conf:rings=2,tx-rings=3', { name: 'vale0:a', conf: { txRings: 3, rxRings: 2 } }],
  ['vale0:a@conf:tx-rings=3@conf:rings=2', { name: 'vale0:a', conf: { txRings: 2, rxRings: 2 } }],
  ['vale0:a@conf:rings=2@conf:slots=9', { name: 'vale0:a', conf: { txRings: 2, rxRings: 2, txSlots: 9, rxSlots: 9 } }],
  ['vale0:a@conf:', { name: 'vale0:a' }],
  ['vale0:a@conf:rings=', { name: 'vale0:a' }],
  ['vale0:a@conf:rings=,rings=4', { name: 'vale0:a', conf: { txRings: 4, rxRings: 4 } }],
  ['vale0:a@conf:rings=0', { name: 'vale0:a', conf: { txRings: 0, rxRings: 0 } }],
  [
    'netmap:p{q-1/x@3@conf:slots=512',
    { name: 'p{q', mode: 'ring', ring: 1, letters: 'x', memId: 3, conf: { txSlots: 512, rxSlots: 512 } },
  ],
]);

accept('@share', [
  ['vale0:a@share=vale0:b', { name: 'vale0:a', share: 'vale0:b' }],
  ['vale0:a@share=netmap:lo', { name: 'vale0:a', share: 'lo' }],
  ['vale0:a@share:port=netmap:lo', { name: 'vale0:a', share: 'lo' }],
  ['vale0:a@share=netmap:lo/R', { name: 'vale0:a', share: 'lo' }],
  ['vale0:a@share=vale0:b@share=vale0:b', { name: 'vale0:a', share: 'vale0:b' }],
  ['vale0:a/x@2@share=vale0:b', { name: 'vale0:a', letters: 'x', memId: 2, share: 'vale0:b' }],
]);

accept('@extmem', [
  ['vale0:a@extmem=/mnt/huge/x', { name: 'vale0:a', extmem: { file: '/mnt/huge/x' } }],
  ['vale0:a@extmem=x,y=z:1', { name: 'vale0:a', extmem: { file: 'x,y=z:1' } }],
  [
    'vale0:a@extmem:file=x,if-num=1,if_size=2,ring-num=3,ring-size=4,buf-num=5,buf-size=6',
    {
      name: 'vale0:a',
      extmem: { file: 'x', ifNum: 1, ifSize: 2, ringNum: 3, ringSize: 4, bufNum: 5, bufSize: 6 },
    },
  ],
]);

accept('@offset', [
  ['vale0:a@offset=64', { name: 'vale0:a', offset: { initial: 64, bits: 0 } }],
  ['vale0:a@offset:initial=64,bits=16', { name: 'vale0:a', offset: { initial: 64, bits: 16 } }],
]);

accept('null ports', [
  ['null:', { name: '', mode: 'null', memId: 1 }],
  ['null:@2', { name: '', mode: 'null', memId: 2 }],
  ['null:@2@2', { name: '', mode: 'null', memId: 2 }],
  [
    'null:@conf:rings=2,slots=64',
    { name: '', mode: 'null', memId: 1, conf: { txRings: 2, rxRings: 2, txSlots: 64, rxSlots: 64 } },
  ],
  ['null:@3@conf:slots=64', { name: '', mode: 'null', memId: 3, conf: { txSlots: 64, rxSlots: 64 } }],
  // The region is that of the other port: no default stands in its way.
  ['null:@share=vale0:a', { name: '', mode: 'null', memId: 0, share: 'vale0:a' }],
]);

t.test('each call makes an object of its own', async (t) => {
  const first = parsePortName('vale0:a@conf:rings=2');
  const second = parsePortName('vale0:a');
  first.flags.exclusive = true;
  t.equal(second.flags.exclusive, false);
  t.strictSame(second.conf, {});
  t.strictSame(parsePortName('vale0:a').conf, {});
});
