/**
 * VALE switches: what is on them, and ports that outlive the programs that use them. A switch comes into being with its first
 * port (`open('vale0:a')` is enough) and goes with its last.
 *
 * ```ts
 * import { vale } from 'node-netmap';
 *
 * vale.newif('v0');                 // a persistent port
 * vale.attach('vale0:v0');          // on a switch
 * for (const { name } of vale.list()) console.log(name);
 * ```
 *
 * Names are taken as they are, `valeX:port` for ports on a switch. All of this asks the device at once, and blocks for as
 * long as that takes.
 */

import { checkBoolean, checkInteger, checkObject, wrongValue } from './check';
import { MODE, REQ } from './constants';
import { errno } from './errno';
import { checkName, NAME_BYTES, request, withDevice, type RequestOptions } from './request';
import { systemError } from './system-error';
import { ValeAttachBody, ValeDetachBody, ValeListBody, ValeNewifBody, ValePollingBody } from './vale-bodies';

/** A port on a switch. */
export interface ValePort {
  /** `vale0:a` */
  name: string;
  /** `vale0` */
  switchName: string;
  /** `a` */
  portName: string;
  /** Index of the switch among the switches of the device, from 0. */
  switchIndex: number;
  /** Index of the port on the switch, from 0. Free ones are used again. */
  portIndex: number;
}

/** Where {@link find} found a name. */
export interface ValePlace {
  switchIndex: number;
  /** Null when the switch is there, but has no such port. */
  portIndex: number | null;
}

/** Counts of a new persistent port, 0 = the device's default: one ring of 1024 slots each way. */
export interface NewifOptions extends RequestOptions {
  txRings?: number;
  rxRings?: number;
  txSlots?: number;
  rxSlots?: number;
  /** Memory region to use, 1 to 65535. Default: one of its own. */
  memId?: number;
}

export interface AttachOptions extends RequestOptions {
  /** Attach the host's rings of the interface, too: what the host sends and receives passes through the switch. */
  host?: boolean;
  /** Memory region that the interface shall use; it must exist. */
  memId?: number;
}

/** How kernel threads look after a network card on a switch, instead of its interrupts. */
export interface PollingOptions extends RequestOptions {
  /** `single-cpu`: one processor polls all rings; `multi-cpu`: each polls one ring. Default `single-cpu`. */
  mode?: keyof typeof POLLING_MODES;
  /** First processor, and with `multi-cpu` the first ring, too. Default 0. */
  firstCpu?: number;
  /** Number of processors, fewer than the machine has. Default 1, which is all that `single-cpu` takes. */
  cpus?: number;
}

const POLLING_MODES = { 'single-cpu': 1, 'multi-cpu': 2 } as const;
/** `nr_port_idx` of a name that no port of the switch has. */
const NOT_THERE = 255;

/** The ports of all switches, in the order of switches and ports (`VALE_LIST`). Pipes are not among them. */
export function list(options: RequestOptions = {}): ValePort[] {
  checkObject('options', options, ['device']);
  return withDevice(options, 'switches', (asker) => {
    const found: ValePort[] = [];
    const nameOut = new Uint8Array(NAME_BYTES);
    for (let at = new ValeListBody(); ; at = new ValeListBody(at.switchIndex, at.portIndex + 1)) {
      const wanted = { doing: 'listing', call: 'VALE_LIST', type: REQ.VALE_LIST, name: '', body: at };
      const failure = asker.attempt(wanted, nameOut);
      if (failure?.errno === errno.ENOENT) return found;
      if (failure) {
        const { device } = asker;
        throw systemError('listing', failure.errno, {
          port: 'switches',
          device,
          call: 'VALE_LIST',
          detail: failure.detail,
        });
      }
      const end = nameOut.indexOf(0);
      const name = Buffer.from(nameOut.buffer, 0, end < 0 ? NAME_BYTES : end).toString();
      const colon = name.indexOf(':');
      found.push({
        name,
        switchName: name.slice(0, colon),
        portName: name.slice(colon + 1),
        switchIndex: at.switchIndex,
        portIndex: at.portIndex,
      });
    }
  });
}

/**
 * Looks for a port by its name (`VALE_LIST` with a name).
 *
 * @returns null when there is no such switch
 * @throws NetmapError `EINVAL` when the name does not begin with `vale`
 */
export function find(name: string, options: RequestOptions = {}): ValePlace | null {
  checkName('name', name);
  checkObject('options', options, ['device']);
  return withDevice(options, name, (asker) => {
    const body = new ValeListBody();
    const wanted = { doing: 'looking for', call: 'VALE_LIST', type: REQ.VALE_LIST, name, body };
    const failure = asker.attempt(wanted);
    if (failure?.errno === errno.ENOENT) return null;
    if (failure) asker.ask(wanted); // throws
    return { switchIndex: body.switchIndex, portIndex: body.portIndex === NOT_THERE ? null : body.portIndex };
  });
}

/**
 * Makes a persistent port (`VALE_NEWIF`): a virtual interface of that name, which stays until {@link delif}. It can be opened
 * by itself (`netmap:v0`) and attached to switches.
 *
 * @param name without a switch, at most 15 bytes
 * @throws NetmapError `EEXIST` when there is such an interface already, `EINVAL` for a name that is not fit for one or a memory
 *   region that does not exist, `ENOMEM`
 */
export function newif(name: string, options: NewifOptions = {}): void {
  checkName('name', name);
  checkObject('options', options, ['device', 'txRings', 'rxRings', 'txSlots', 'rxSlots', 'memId']);
  const count = (key: 'txRings' | 'rxRings' | 'txSlots' | 'rxSlots' | 'memId', most: number) =>
    checkInteger(`options.${key}`, options[key] ?? 0, 0, most);
  const body = new ValeNewifBody({
    txSlots: count('txSlots', 0xffffffff),
    rxSlots: count('rxSlots', 0xffffffff),
    txRings: count('txRings', 0xffff),
    rxRings: count('rxRings', 0xffff),
    memId: count('memId', 0xffff),
  });
  request(options, {
    doing: 'making',
    call: 'VALE_NEWIF',
    type: REQ.VALE_NEWIF,
    name,
    body,
    hints: {
      [errno.EEXIST]: 'there is an interface of that name',
      [errno.EINVAL]: 'the name is an interface: at most 15 bytes, no "vale" in front, and a memory region must exist',
    },
  });
}

/**
 * Removes a persistent port (`VALE_DELIF`).
 *
 * @throws NetmapError `ENXIO` when there is none of that name, `EBUSY` while it is on a switch or open, `EINVAL` when it is
 *   another kind of interface
 */
export function delif(name: string, options: RequestOptions = {}): void {
  checkName('name', name);
  checkObject('options', options, ['device']);
  request(options, {
    doing: 'removing',
    call: 'VALE_DELIF',
    type: REQ.VALE_DELIF,
    name,
    body: null,
    hints: {
      [errno.ENXIO]: 'there is no such interface',
      [errno.EBUSY]: 'detach it from its switches and close it first',
      [errno.EINVAL]: 'only ports that VALE_NEWIF has made can be removed',
    },
  });
}

/**
 * Attaches an interface to a switch (`VALE_ATTACH`): a network card, or a persistent port. The switch is made if need be.
 *
 * @param name `vale0:eth0`
 * @returns index of the port on the switch
 * @throws NetmapError `ENXIO` when there is no such interface, `EBUSY` when it is on this switch already or somebody has it
 *   open, `EINVAL` without `valeX:` or with host rings on an interface that has none, `ENOMEM` when no more switches or ports
 *   fit
 */
export function attach(name: string, options: AttachOptions = {}): number {
  checkName('name', name);
  checkObject('options', options, ['device', 'host', 'memId']);
  const host = checkBoolean('options.host', options.host ?? false);
  const body = new ValeAttachBody({
    txSlots: 0,
    rxSlots: 0,
    txRings: 0,
    rxRings: 0,
    hostTxRings: 0,
    hostRxRings: 0,
    memId: checkInteger('options.memId', options.memId ?? 0, 0, 0xffff),
    ringId: 0,
    mode: host ? MODE['all+host'] : MODE.all,
    extraBuffers: 0,
    flags: 0,
  });
  request(options, {
    doing: 'attaching',
    call: 'VALE_ATTACH',
    type: REQ.VALE_ATTACH,
    name,
    body,
    hints: {
      [errno.ENXIO]: 'there is no such interface: see "ip link"',
      [errno.EBUSY]: 'it is on the switch already, or somebody has it open',
      [errno.EINVAL]: 'the name is valeX:interface, and the interface must be there',
      [errno.ENOMEM]: 'a switch takes 252 ports, and max_bridges limits the switches',
    },
  });
  return body.portIndex;
}

/**
 * Takes an interface off its switch (`VALE_DETACH`).
 *
 * @param name `vale0:eth0`
 * @returns index of the port that it was
 * @throws NetmapError `ENXIO` when it is not there, `EBUSY` while kernel threads poll it or somebody has it open through the
 *   switch
 */
export function detach(name: string, options: RequestOptions = {}): number {
  checkName('name', name);
  checkObject('options', options, ['device']);
  const body = new ValeDetachBody();
  request(options, {
    doing: 'detaching',
    call: 'VALE_DETACH',
    type: REQ.VALE_DETACH,
    name,
    body,
    hints: {
      [errno.ENXIO]: 'there is no such port: vale.list() shows what is there',
      [errno.EBUSY]: 'disable polling, and close it where it is open',
      [errno.EINVAL]: 'the name is valeX:interface; ports that are merely open go when they are closed',
    },
  });
  return body.portIndex;
}

/**
 * Lets kernel threads poll a network card on a switch, instead of interrupts (`VALE_POLLING_ENABLE`).
 *
 * @throws NetmapError `EOPNOTSUPP` when the port is no network card, `EFAULT` when it is polled already, `EINVAL` when there
 *   are not so many processors or rings, `ENXIO` when there is no such port
 */
export function enablePolling(name: string, options: PollingOptions = {}): void {
  checkName('name', name);
  checkObject('options', options, ['device', 'mode', 'firstCpu', 'cpus']);
  const { mode = 'single-cpu' } = options;
  if (!Object.hasOwn(POLLING_MODES, mode)) {
    throw wrongValue('options.mode', `must be one of ${Object.keys(POLLING_MODES).join(', ')}`, mode);
  }
  const firstCpu = checkInteger('options.firstCpu', options.firstCpu ?? 0, 0, 0xffff);
  const cpus = checkInteger('options.cpus', options.cpus ?? 1, 1, 0xffff);
  polling('polling', 'VALE_POLLING_ENABLE', name, new ValePollingBody(POLLING_MODES[mode], firstCpu, cpus), options);
}

/**
 * Gives a network card on a switch its interrupts back (`VALE_POLLING_DISABLE`).
 *
 * @throws NetmapError `EFAULT` when it is not polled; otherwise as {@link enablePolling}
 */
export function disablePolling(name: string, options: RequestOptions = {}): void {
  checkName('name', name);
  checkObject('options', options, ['device']);
  polling('no longer polling', 'VALE_POLLING_DISABLE', name, new ValePollingBody(0, 0, 0), options);
}

function polling(
  doing: string,
  call: 'VALE_POLLING_ENABLE' | 'VALE_POLLING_DISABLE',
  name: string,
  body: ValePollingBody,
  options: RequestOptions,
): void {
  request(options, {
    doing,
    call,
    type: REQ[call],
    name,
    body,
    hints: {
      [errno.EOPNOTSUPP]: 'only network cards on a switch can be polled',
      [errno.EFAULT]: call === 'VALE_POLLING_ENABLE' ? 'it is polled already' : 'it is not polled',
      [errno.EINVAL]:
        'cpus must be fewer than the machine has, 1 for single-cpu, and for multi-cpu within the rx rings',
      [errno.ENXIO]: 'there is no such port: vale.list() shows what is there',
    },
  });
}
