import { scratch } from './folder';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { classic } from './make-capture';
import { run, start } from './support/cli';

/** Fails with exit code 1 and a message. */
async function fails(t: Parameters<typeof run>[0], args: string[], message: RegExp, env = {}): Promise<void> {
  const { code, signal, stderr } = await run(t, args, { env });
  t.equal(code, 1, args.join(' '));
  t.equal(signal, null);
  t.match(stderr, message);
  t.match(stderr, /^node-netmap: /);
  t.notMatch(stderr, /\n {4}at /, 'no stack trace');
}

t.test('files', async (t) => {
  const foreign = join(scratch, 'foreign.pcap');
  const empty = join(scratch, 'empty.pcap');
  const cooked = join(scratch, 'cooked.pcap');
  writeFileSync(foreign, 'this is no capture');
  writeFileSync(empty, '');
  writeFileSync(cooked, classic([{ data: new Uint8Array(60) }], { linkType: 113 }));
  await fails(t, ['replay', join(scratch, 'nope.pcap'), 'vale0:a'], /nope.pcap: no such file/);
  await fails(t, ['replay', scratch, 'vale0:a'], /directory/);
  await fails(t, ['replay', foreign, 'vale0:a'], /foreign.pcap: byte 0: expected a pcap/);
  await fails(t, ['replay', empty, 'vale0:a'], /empty.pcap[^]*empty file/);
  await fails(t, ['replay', cooked, 'vale0:a'], /link type 113, expected Ethernet/);
  await fails(t, ['capture', 'vale0:a', join(scratch, 'no/such/folder.pcap')], /folder.pcap: no such file/);
});

t.test('a full disk', { skip: existsSync('/dev/full') ? false : 'no /dev/full' }, async (t) => {
  // It ends by itself as soon as something could not be written; by then there are packets.
  const generator = await start(t, ['generate', 'vale0:a', '--rate', '1k']);
  const { code, stderr, summary } = await run(t, ['capture', 'vale0:c', '/dev/full', '--json']);
  await generator.stop();
  t.equal(code, 1);
  t.match(stderr, /cannot write \/dev\/full: no space left/);
  t.ok((summary.packets as number) > 0);
  t.equal(summary.skipped, summary.packets, 'what is not in the file is not passed over');
});

t.test('a bridge to the host where there is none', async (t) => {
  const { code, stderr } = await run(t, ['bridge', 'vale0:a']);
  t.equal(code, 2);
  t.match(
    stderr,
    'vale0:a has no host rings to bridge it with; name the other port as well, for example: bridge vale0:a vale1:a',
  );
});

t.test('a ping that nobody answers', async (t) => {
  const { code, stderr, summary } = await run(t, ['ping', 'vale0:a', '--count', '2', '--timeout', '0.1', '--json']);
  t.equal(code, 1);
  t.equal(stderr, '');
  t.match(summary, { sent: 2, packets: 0, lost: 2 });
});

t.test('ports', async (t) => {
  await fails(t, ['sink', 'vale0:a/T'], /no ring to receive by[^]*"\/T"/);
  await fails(t, ['generate', 'vale0:a/R'], /no ring to send by[^]*"\/R"/);
  await fails(t, ['generate', 'vale0:a@conf:slots=4', '--length', '20000'], /20000 bytes[^]*at most \d+/);
});

t.test('somebody has the port exclusively', async (t) => {
  await start(t, ['sink', 'vale0:mine/x']);
  await fails(t, ['sink', 'vale0:mine'], /vale0:mine[^]*EBUSY/);
});

t.test('devices', async (t) => {
  if (existsSync('/dev/netmap')) t.comment('there is a /dev/netmap here');
  else await fails(t, ['sink', 'vale0:a', '--device', 'kernel'], /\/dev\/netmap[^]*engine/);
  await fails(t, ['ports', '--device', 'kernel'], /kernel module does not list/);
  const { code, stderr } = await run(t, ['sink', 'vale0:a'], { env: { NODE_NETMAP_DEVICE: 'abacus' } });
  t.equal(code, 2);
  t.match(stderr, /NODE_NETMAP_DEVICE[^]*abacus/);
});

t.test('an engine folder that is open to others', async (t) => {
  const open = join(scratch, 'open');
  mkdirSync(open);
  chmodSync(open, 0o777);
  await fails(t, ['sink', 'vale0:a', '--device', 'engine'], /open/, { NODE_NETMAP_DIR: open });
});

t.test('an existing file survives when the port cannot be opened', async (t) => {
  const file = join(scratch, 'precious.pcap');
  writeFileSync(file, 'precious');
  await fails(t, ['capture', 'netmap:nosuchcard', file, '--device', 'engine'], /nosuchcard/);
  t.equal(readFileSync(file, 'utf8'), 'precious');
});
