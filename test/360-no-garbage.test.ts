import t from 'tap';
import { vale } from './folder';
import { runNode } from './child';

/** Runs `loop` over `packets` packets and returns the collections of the young generation meanwhile. */
async function scavenges(setup: string, loop: string, packets = 1e7): Promise<string[]> {
  const { stdout, stderr, code } = await runNode(
    `${setup}
     function run(packets) { for (let done = 0; done < packets; ) { ${loop} } }
     run(${packets / 5});
     console.log('START'); run(${packets}); console.log('END');`,
    // V8 makes the space for new objects smaller where it is slow to fill, as in an emulated machine, and collects more often.
    ['--trace-gc', '--min-semi-space-size=4'],
  );
  if (code !== 0) throw new Error(stderr);
  return stdout
    .slice(stdout.indexOf('START'), stdout.indexOf('END'))
    .split('\n')
    .filter((line) => /Scavenge|Mark/.test(line));
}

t.test('generating 10^7 packets makes no garbage', async (t) => {
  const found = await scavenges(
    `const port = netmap.open('${vale('g')}'); const [ring] = port.txRings; const { u32 } = port; let seq = 0;`,
    `const n = ring.available; let i = ring.head;
     for (let k = 0; k < n; k++) { ring.setLength(i, 60); u32[(ring.offset(i) >> 2) + 11] = seq++; i = ring.next(i); }
     ring.advance(n); port.txSync(); done += n;`,
  );
  t.strictSame(found, []);
});

t.test('neither does sending them through a pipe and reading them, view by view', async (t) => {
  const found = await scavenges(
    `const a = netmap.open('netmap:g{1'), b = netmap.open('netmap:g}1'); const [tx] = a.txRings, [rx] = b.rxRings; let sum = 0;`,
    `let n = tx.available, i = tx.head;
     for (let k = 0; k < n; k++) { tx.setLength(i, 60); tx.setFlags(i, 0); tx.buffer(i)[0] = k; i = tx.next(i); }
     tx.advance(n); a.txSync(); b.rxSync();
     n = rx.available; i = rx.head;
     for (let k = 0; k < n; k++) { sum = (sum + rx.length(i) + rx.buffer(i)[0]) | 0; i = rx.next(i); }
     rx.advance(n); b.rxSync(); a.txSync(); done += n;`,
  );
  t.strictSame(found, []);
});

t.test('nor forwarding them', async (t) => {
  const found = await scavenges(
    `const port = netmap.open('${vale('g')}', { txRings: 2 }); const [from, to] = port.txRings;`,
    `done += netmap.forward(from, to, 512); port.txSync();`,
  );
  t.ok(found.length <= 1, found.join('\n'));
});

t.test('nor an emulator on a clock, in bulk', async (t) => {
  const found = await scavenges(
    `const emulator = new netmap.Emulator('pipe 1 config bw 10Gbit/s delay 1ms queue 1000\\nadd pipe 1 out');
     const departures = new netmap.Departures({ packets: 1024 }), times = new Float64Array(512);
     const data = new Uint8Array(60), places = new Uint32Array(3 * 512); let sum = 0;
     for (let k = 0; k < 512; k++) { places[3 * k + 1] = 60; places[3 * k + 2] = k & 1; }`,
    `times.fill(emulator.time + 1e6); emulator.putAll(data, places, times);
     while (emulator.advanceInto(departures, emulator.time) > 0)
       for (let i = 0; i < departures.length; i++) sum = (sum + departures.id(i) + departures.time(i)) | 0;
     done += 512;`,
    2e6,
  );
  // A few numbers for each call.
  t.ok(found.length <= 1, found.join('\n'));
});
