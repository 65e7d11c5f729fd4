import t from 'tap';
import './folder';
import { runNode } from './child';
import { endsAt, PORT } from './support/stages';

endsAt([
  ['while waiting', `netmap.open(${PORT}).readable(); setImmediate(() => process.exit(3));`, 3],
  ['in a wait that was over', `netmap.open(${PORT}).readable({ timeout: 1 });`, 0],
  ['while waiting, unref', `netmap.open(${PORT}).unref().readable();`, 0],
  ['while waiting with a timeout, unref', `netmap.open(${PORT}).unref().readable({ timeout: 1e9 });`, 0],
  ['while waiting, unref later', `const p = netmap.open(${PORT}); p.readable({ timeout: 1e9 }); p.unref();`, 0],
  [
    'while iterating',
    `(async () => { for await (const b of netmap.open(${PORT}).batches()); })(); setTimeout(() => process.exit(3), 5)`,
    3,
  ],
  ['by an error in a wait', `netmap.open(${PORT}).readable().catch(() => process.exit(3)); netmap.open('eth0')`, 1],
]);

t.test('ref makes up for unref', async (t) => {
  const { stdout, code } = await runNode(
    `const p = netmap.open(${PORT}).unref().ref();
     p.readable({ timeout: 5 }).then((ready) => console.log(ready));`,
  );
  t.equal(stdout, 'false\n');
  t.equal(code, 0);
});
