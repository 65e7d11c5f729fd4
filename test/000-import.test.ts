import t from 'tap';
import * as netmap from 'node-netmap';
import { root, runNode } from './child';

const NAMES = [
  'open',
  'Port',
  'Ring',
  'Batch',
  'ExtraBuffers',
  'NetmapError',
  'parsePortName',
  'probe',
  'ports',
  'forward',
  'checksum',
  'NS',
  'NR',
  'POLL',
];

t.test('exports', async (t) => {
  for (const name of NAMES) t.ok(name in netmap, name);
});

t.test('import and require give one copy of everything', async (t) => {
  const { code, stdout, stderr } = await runNode(
    `import(${JSON.stringify(`file://${root}/lib/index.mjs`)}).then((esm) => {
       for (const name of Object.keys(netmap)) if (esm[name] !== netmap[name]) console.log(name);
       console.log('done', Object.keys(esm).filter((name) => !(name in netmap) && !['__esModule', 'module.exports'].includes(name)));
     });`,
  );
  t.equal(stderr, '');
  t.equal(stdout, 'done []\n');
  t.equal(code, 0);
});

t.test('importing loads no addon', async (t) => {
  const { stdout } = await runNode(`console.log(Object.keys(require.cache).some((file) => file.endsWith('.node')))`);
  t.equal(stdout, 'false\n');
});

t.test('a missing addon is explained', async (t) => {
  const { code, stdout } = await runNode(
    `const bindings = require.resolve('bindings', { paths: [${JSON.stringify(root)}] });
     require.cache[bindings] = { id: bindings, loaded: true, exports() { throw new Error('Could not locate'); } };
     for (const file of Object.keys(require.cache)) if (file.startsWith(${JSON.stringify(`${root}/lib/`)})) delete require.cache[file];
     netmap = require(${JSON.stringify(root)});
     try { netmap.open('null:'); } catch (e) { console.log(e instanceof netmap.NetmapError, e.code, /npm rebuild/.test(e.hint)); }
     console.log(netmap.probe().device, netmap.probe().problems.length);`,
  );
  t.equal(stdout, 'true ERR_NETMAP_ADDON true\nnull 1\n');
  t.equal(code, 0);
});
