/** The engine folder is refused when it is not ours alone, or of another version. */
import { folder } from './support/engine-folder';
import { spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { lib } from './support/library';
import { plainNode } from './support/plain-node';

/** `layout` in ControlHeader (native/engine/layout.h). */
const LAYOUT_AT = 8;

function refusal(path: string): { code: string; message: string } {
  const before = process.env.NODE_NETMAP_DIR;
  process.env.NODE_NETMAP_DIR = path;
  try {
    lib.open('vale0:a', { device: 'engine' }).close();
    return { code: 'none', message: '' };
  } catch (error) {
    const { code, message } = error as Error & { code: string };
    return { code, message };
  } finally {
    process.env.NODE_NETMAP_DIR = before;
  }
}

t.test('a folder open to others', async (t) => {
  const path = join(folder, 'open');
  mkdirSync(path);
  chmodSync(path, 0o755);
  t.match(refusal(path), { code: 'EPERM', message: /chmod 700/ });
  chmodSync(path, 0o700);
  t.equal(refusal(path).code, 'none', 'the remedy helps');
});

t.test('a folder of a group', async (t) => {
  const path = join(folder, 'group');
  mkdirSync(path);
  chmodSync(path, 0o770);
  t.match(refusal(path), { code: 'EPERM', message: /chmod 2770 to share it/ }, 'not by accident');
  chmodSync(path, 0o2775);
  t.equal(refusal(path).code, 'EPERM', 'nor with everybody');
  chmodSync(path, 0o2770);
  t.equal(refusal(path).code, 'none');
});

t.test('two users of one group meet on a switch', { skip: process.getuid?.() !== 0 && 'needs root' }, async (t) => {
  const path = mkdtempSync('/dev/shm/node-netmap-group-');
  t.teardown(() => rmSync(path, { recursive: true, force: true }));
  chownSync(path, 0, 4242);
  chmodSync(path, 0o2770);
  const env = { ...process.env, NODE_NETMAP_DIR: path, NODE_NETMAP_DEVICE: 'engine' };
  const script = join(__dirname, 'support', 'group-member.js');
  const member = (role: string, uid: number, gid: number): Promise<string> =>
    new Promise((resolve) => {
      const [command, ...args] = [...plainNode, script, role, String(uid), String(gid)];
      const child = spawn(command, args, { env });
      let text = '';
      child.stdout.on('data', (data) => (text += data));
      child.stderr.on('data', (data) => (text += data));
      child.on('close', () => resolve(text.trim()));
    });
  const [received, sent] = await Promise.all([member('receive', 4001, 4242), member('send', 4002, 4242)]);
  t.equal(sent, 'sent', sent);
  t.equal(received, 'received 3', received);
  t.match(await member('send', 4003, 4243), /EPERM.*group 4242, which we are not in/s, 'others are refused');
  t.same(readdirSync(path), [], 'nothing is left');
});

t.test('a symbolic link', async (t) => {
  const path = join(folder, 'link');
  symlinkSync(join(folder, 'open'), path);
  t.match(refusal(path), { code: 'EPERM', message: /symbolic link.*NODE_NETMAP_DIR/s });
});

t.test('no folder at all', async (t) => {
  const path = join(folder, 'file');
  writeFileSync(path, '');
  t.match(refusal(path), { code: 'ENOTDIR', message: /not a folder/ });
  t.match(refusal(join(folder, 'nowhere', 'at-all')), { code: 'ENOENT', message: /cannot make the engine folder/ });
});

t.test('the folder of another user', { skip: process.getuid?.() !== 0 && 'needs root' }, async (t) => {
  const path = join(folder, 'foreign');
  mkdirSync(path, { mode: 0o700 });
  chownSync(path, 65534, 65534);
  t.match(refusal(path), { code: 'EPERM', message: /belongs to user 65534.*NODE_NETMAP_DIR/s });
});

t.test('an engine of another version', async (t) => {
  const port = lib.open('vale0:a', { device: 'engine' });
  const control = readFileSync(join(folder, 'control'));
  port.close();
  const path = join(folder, 'other-version');
  mkdirSync(path, { mode: 0o700 });
  const version = control.readUInt32LE(LAYOUT_AT);
  t.ok(version > 0 && version < 1000);
  control.writeUInt32LE(version + 1, LAYOUT_AT);
  writeFileSync(join(path, 'control'), control, { mode: 0o600 });
  const { code, message } = refusal(path);
  t.equal(code, 'EPROTONOSUPPORT');
  t.match(message, new RegExp(`layout ${version + 1}.*layout ${version}`, 's'), 'names both versions');
  t.match(message, /NODE_NETMAP_DIR/);
  t.equal(readFileSync(join(path, 'control')).compare(control), 0, 'and changes nothing');
});

t.test('a control file that is none', async (t) => {
  const path = join(folder, 'damaged');
  mkdirSync(path, { mode: 0o700 });
  for (const bytes of [Buffer.alloc(0), Buffer.alloc(100), Buffer.alloc(1 << 20, 0x55)]) {
    writeFileSync(join(path, 'control'), bytes, { mode: 0o600 });
    t.match(refusal(path), { code: 'EPROTO', message: /remove/ }, `${bytes.length} bytes`);
  }
  rmSync(join(path, 'control'));
  t.equal(refusal(path).code, 'none');
});

t.test('a control file with absurd numbers', async (t) => {
  const port = lib.open('vale0:a', { device: 'engine' });
  const control = readFileSync(join(folder, 'control'));
  port.close();
  const path = join(folder, 'absurd');
  mkdirSync(path, { mode: 0o700 });
  for (const at of [12, 16, 20, 24]) {
    const copy = Buffer.from(control);
    copy.writeUInt32LE(0xfffffff0, at);
    writeFileSync(join(path, 'control'), copy, { mode: 0o600 });
    t.match(refusal(path), { code: 'EPROTO', message: /damaged/ }, `offset ${at}`);
  }
});
