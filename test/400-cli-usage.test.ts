import './folder';
import { spawnSync } from 'node:child_process';
import t from 'tap';
import { root } from './child';
import { run } from './support/cli';

const COMMANDS = ['generate', 'sink', 'replay', 'capture', 'emulate', 'ports', 'probe'];

t.test('--help lists the commands', async (t) => {
  const { code, stdout, stderr } = await run(t, ['--help']);
  t.equal(code, 0);
  t.equal(stderr, '');
  for (const command of COMMANDS) t.match(stdout, new RegExp(`^  ${command} `, 'm'));
  t.match(stdout, /Examples/);
});

t.test('--help of each command has all options and examples', async (t) => {
  const options: Record<string, string[]> = {
    generate: [
      'count',
      'length',
      'rate',
      'duration',
      'batch',
      'dst-mac',
      'src-mac',
      'dst-ip',
      'src-ip',
      'dst-port',
      'src-port',
    ],
    sink: ['count', 'timeout', 'duration', 'check'],
    replay: ['speed', 'top-speed', 'loop', 'to'],
    capture: ['count', 'timeout', 'duration', 'snaplen'],
    emulate: [
      'config',
      'bandwidth',
      'delay',
      'loss',
      'queue',
      'seed',
      'offline',
      'control',
      'name',
      'threads',
      'spin',
      'drain',
    ],
    ports: [],
    probe: [],
  };
  for (const command of COMMANDS) {
    const { code, stdout } = await run(t, [command, '--help']);
    t.equal(code, 0, command);
    for (const option of [...options[command], 'json', 'device'])
      t.match(stdout, `--${option}`, `${command} --${option}`);
    t.match(stdout, new RegExp(`Examples:\n  \\$ node-netmap ${command}`));
  }
});

t.test('--version', async (t) => {
  const { code, stdout } = await run(t, ['--version']);
  t.equal(code, 0);
  t.match(stdout, /^\d+\.\d+\.\d+\n$/);
});

/** What is typed, and what the message has to name. */
const WRONG: [args: string[], named: RegExp][] = [
  [[], /Usage/],
  [['frobnicate'], /unknown command 'frobnicate'/],
  [['generate'], /PORT/],
  [['generate', 'vale0'], /'vale0'[^]*vale0:a/],
  [['generate', 'vale0:a', 'more'], /too many arguments/],
  [['generate', 'vale0:a', '--colour', 'red'], /unknown option '--colour'/],
  [['generate', 'vale0:a', '--count', '0'], /--count[^]*'0'[^]*whole number from 1/],
  [['generate', 'vale0:a', '--count', '-5'], /--count[^]*'-5'/],
  [['generate', 'vale0:a', '--count', '1.5'], /--count[^]*'1.5'/],
  [['generate', 'vale0:a', '--count', 'NaN'], /--count[^]*'NaN'/],
  [['generate', 'vale0:a', '--count', '0x10'], /--count[^]*'0x10'/],
  [['generate', 'vale0:a', '--count', '1e99'], /--count[^]*'1e99'/],
  [['generate', 'vale0:a', '--length', '41'], /--length[^]*'41'[^]*42 to 65549/],
  [['generate', 'vale0:a', '--length', '65550'], /--length[^]*'65550'/],
  [['generate', 'vale0:a', '--rate', '0'], /--rate[^]*'0'[^]*greater than 0/],
  [['generate', 'vale0:a', '--rate', 'fast'], /--rate[^]*'fast'/],
  [['generate', 'vale0:a', '--duration', '-1'], /--duration[^]*'-1'/],
  [['generate', 'vale0:a', '--batch', '0'], /--batch[^]*'0'/],
  [['generate', 'vale0:a', '--dst-mac', '1:2:3'], /--dst-mac[^]*'1:2:3'[^]*02:00:00:00:00:01/],
  [['generate', 'vale0:a', '--src-mac', 'gg:00:00:00:00:01'], /--src-mac[^]*'gg:00:00:00:00:01'/],
  [['generate', 'vale0:a', '--dst-ip', '10.0.0.256'], /--dst-ip[^]*'10.0.0.256'[^]*10.0.0.1/],
  [['generate', 'vale0:a', '--src-ip', 'localhost'], /--src-ip[^]*'localhost'/],
  [['generate', 'vale0:a', '--dst-port', '65536'], /--dst-port[^]*'65536'[^]*0 to 65535/],
  [['generate', 'vale0:a', '--src-port', 'http'], /--src-port[^]*'http'/],
  [['generate', 'vale0:a', '--device', 'card'], /--device[^]*'card'[^]*kernel, engine/],
  [['sink', 'netmap:'], /netmap:/],
  [['sink', 'vale0:b', '--timeout', 'never'], /--timeout[^]*'never'/],
  [['replay', 'file.pcap'], /PORT/],
  [['replay', '', 'vale0:a'], /FILE/],
  [['replay', 'x.pcap', 'vale0:a', '--speed', '0'], /--speed[^]*'0'/],
  [['replay', 'x.pcap', 'vale0:a', '--speed', '2', '--top-speed'], /--speed[^]*--top-speed/],
  [['replay', 'x.pcap', 'vale0:a', '--loop', '-1'], /--loop[^]*'-1'/],
  [['replay', 'x.pcap', 'vale0:a', '--to', 'vale1:b'], /--to[^]*vale1:b[^]*switch/],
  [['capture', 'vale0:c'], /FILE/],
  [['capture', 'vale0:c', 'x.pcap', '--snaplen', '0'], /--snaplen[^]*'0'/],
  [['ports', '--watch'], /--watch/],
];

t.test('wrong usage: exit code 2, a message that says what, nothing on standard output', async (t) => {
  for (const [args, named] of WRONG) {
    const { code, stdout, stderr } = await run(t, args);
    const line = `node-netmap ${args.join(' ')}`;
    t.equal(code, 2, line);
    t.equal(stdout, '', line);
    t.match(stderr, named, line);
    t.notMatch(stderr, /\n {4}at /, 'no stack trace');
  }
});

t.test('numbers with suffixes and exponents', async (t) => {
  for (const count of ['2k', '2e3', '2000']) {
    const { code, summary } = await run(t, ['generate', 'null:', '--count', count, '--json']);
    t.equal(code, 0);
    t.equal(summary.packets, 2000, count);
  }
});

t.test('npm finds the native part built, and does not build it again for npx', async (t) => {
  const { status, stderr } = spawnSync(process.execPath, ['scripts/setup.mjs', '--check'], {
    cwd: root,
    encoding: 'utf8',
  });
  t.equal(status, 0, stderr);
});
