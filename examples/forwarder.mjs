// Moves packets from one port to another: without copying where both use one memory region (netmap:p}1 and, say,
// netmap:q{1@share=netmap:p}1), by copying elsewhere. Ctrl-C ends it.
//
//   node forwarder.mjs FROM TO
import { forward, open } from 'node-netmap';

const [source = 'netmap:p}1', target = 'vale0:a'] = process.argv.slice(2);
const from = open(source);
const to = open(target);
const stop = new AbortController();
process.once('SIGINT', () => stop.abort()).once('SIGTERM', () => stop.abort());
console.log(`${source} -> ${target}: ${from.canSwapWith(to) ? 'zero copy' : 'copying'}`);

let slots = 0;
try {
  for (;;) {
    await from.readable({ signal: stop.signal });
    for (const ring of from.rxRings) slots += forward(ring, to.txRings[0]);
    to.txSync(); // sends them
    from.rxSync(); // gives the slots back
    if (to.txRings[0].available === 0) await to.writable({ signal: stop.signal });
    await new Promise(setImmediate); // however busy the port is, the event loop gets its turn
  }
} catch (error) {
  if (!stop.signal.aborted) throw error;
}
console.log(`forwarded ${slots} packets`);
from.close();
to.close();
