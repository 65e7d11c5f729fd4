import t from 'tap';
import { bufferSwaps } from './buffer-swaps';
import { csbMode } from './csb-mode';
import { DIFFERENCES, type Difference, type DifferenceId } from './differences';
import { exclusiveUse } from './exclusive-use';
import { extraBuffers } from './extra-buffers';
import { freshRings } from './fresh-rings';
import { indirect } from './indirect';
import { infoRequests } from './info-requests';
import { invalidIndices } from './invalid-indices';
import { examined, Lab, type DeviceKind } from './lab';
import { lifetime } from './lifetime';
import { memory } from './memory';
import { monitorPorts } from './monitor-ports';
import { monitors } from './monitors';
import { nullPorts } from './null-ports';
import { offsets } from './offsets';
import { ownership } from './ownership';
import { persistentPorts } from './persistent-ports';
import { pipes } from './pipes';
import { polling } from './polling';
import { refusals } from './refusals';
import type { Topic } from './scenario';
import { sharedPorts } from './shared-ports';
import { slotFlags } from './slot-flags';
import { timestamps } from './timestamps';
import { twoProcesses } from './two-processes';
import { valeDrops } from './vale-drops';
import { valeForwarding } from './vale-forwarding';
import { valeFragments } from './vale-fragments';
import { valeLengths } from './vale-lengths';
import { valeList } from './vale-list';
import { valeOrder } from './vale-order';
import { vnetHeaders } from './vnet-headers';
import { vnetSegments } from './vnet-segments';
import { wakeupPoint } from './wakeup-point';

const TOPICS: Topic[] = [
  freshRings,
  ownership,
  wakeupPoint,
  invalidIndices,
  slotFlags,
  valeForwarding,
  valeOrder,
  valeDrops,
  valeLengths,
  valeFragments,
  indirect,
  bufferSwaps,
  pipes,
  offsets,
  persistentPorts,
  vnetHeaders,
  vnetSegments,
  nullPorts,
  monitors,
  monitorPorts,
  exclusiveUse,
  sharedPorts,
  memory,
  extraBuffers,
  infoRequests,
  valeList,
  refusals,
  polling,
  csbMode,
  timestamps,
  lifetime,
  twoProcesses,
];

/** Runs every scenario on one device. */
export function conformance(device: DeviceKind): void {
  for (const { title, rules } of TOPICS) {
    t.test(title, async (t) => {
      for (const [name, rule] of Object.entries(rules)) {
        await t.test(name, async (t) => {
          const lab = new Lab(device);
          t.teardown(() => lab.close());
          await rule(t, lab);
        });
      }
    });
  }
  t.test('every registered difference has been looked at', async (t) => {
    for (const [id, difference] of Object.entries(DIFFERENCES) as [DifferenceId, Difference][]) {
      if (difference.unexamined === undefined) t.ok(examined.has(id), id);
    }
  });
}
