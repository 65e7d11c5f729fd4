// One user of a folder that a group shares: group-member.js send|receive UID GID, started by root.
import { lib } from './library';

const [, , role, uid, gid] = process.argv;
process.umask(0o077);
process.setgroups!([]);

async function main(): Promise<void> {
  // The library is loaded already: its files need not be readable for this user.
  lib.probe();
  process.setgid!(Number(gid));
  process.setuid!(Number(uid));
  using port = lib.open(`vale0:${role}`);
  let count = 0;
  if (role === 'receive') {
    for await (const batch of port.batches({ signal: AbortSignal.timeout(5000) })) {
      count += batch.count;
      if (count >= 3) break;
    }
    console.log(`received ${count}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  } else {
    for (let tries = 0; lib.ports().length < 2 && tries < 200; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    for (let k = 0; k < 3; k++) port.inject(Buffer.alloc(60, 0xff));
    port.txSync();
    console.log('sent');
  }
}

main().catch((error: Error & { code?: string }) => {
  console.log(error.code, error.message);
});
