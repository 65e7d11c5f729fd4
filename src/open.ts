import { ExtmemOption, OffsetsOption, PortInfoBody, RegisterBody } from './abi';
import { MODE, NR, REQ } from './constants';
import { CsbPort } from './csb-port';
import { openDevice, type OpenDevice } from './devices';
import { errno } from './errno';
import { NetmapError } from './errors';
import { interfaceName, LayoutError } from './memory';
import { isFailure, type DeviceKind, type Failure } from './native';
import { explainNoMemory } from './planner';
import { Port } from './port';
import { readSpec, type PortOptions, type StructuredSpec, type Wanted } from './spec';
import { systemError } from './system-error';

/**
 * Opens a netmap port.
 *
 * ```ts
 * const port = open('vale0:a');                        // a port of the switch vale0
 * const ring2 = open('netmap:eth0-2/x');               // ring pair 2 of a network card, exclusively
 * const end = open('netmap:p{1@conf:slots=256');       // one end of a pipe
 * const nowhere = open('null:');                       // rings whose packets go nowhere
 * const odd = open({ name: 'eth-0', mode: 'host' });   // what the grammar cannot say
 * const fast = open('vale0:b', { csb: true });         // syncs are no system calls: see CsbPort
 * ```
 *
 * @param spec a port name ({@link parsePortName} describes the grammar), or an object
 * @param options what the name does not say; what is given here counts more than the name
 * @throws NetmapError when the name is wrong or the device refuses; TypeError, RangeError for wrong options. Nothing has
 *   been changed then.
 */
export function open(spec: string | StructuredSpec, options: PortOptions & { csb: true }): CsbPort;
export function open(spec: StructuredSpec & { csb: true }, options?: PortOptions): CsbPort;
export function open(spec: string | StructuredSpec, options?: PortOptions): Port;
export function open(spec: string | StructuredSpec, options?: PortOptions): Port {
  const wanted = readSpec(spec, options);
  const opened = openDevice(wanted.device, wanted.label);
  try {
    share(opened, wanted);
    const offsets = wanted.offset && new OffsetsOption(wanted.offset.initial, wanted.offset.max, wanted.offset.bits);
    const memory = lend(opened, wanted);
    const reply = register(opened, wanted, offsets, memory);
    return map(opened, wanted, reply, offsets?.max);
  } catch (error) {
    opened.native.close();
    throw error;
  }
}

/** `@share=PORT`: the region of another port. */
function share({ native, device }: OpenDevice, wanted: Wanted): void {
  if (wanted.share === undefined) return;
  const info = new PortInfoBody();
  const failure = native.control(REQ.PORT_INFO_GET, wanted.share, info.bytes, []);
  if (failure) {
    throw refused(`sharing memory with '${wanted.share}' for`, failure, { native, device }, wanted);
  }
  if (wanted.fields.memId !== 0 && wanted.fields.memId !== info.memId) {
    const hint = 'give only one of the two';
    throw new NetmapError(
      `'${wanted.label}' wants memory region ${wanted.fields.memId}, but '${wanted.share}' is in region ${info.memId}; ${hint}`,
      { code: 'EINVAL', errno: errno.EINVAL, port: wanted.label, hint },
    );
  }
  wanted.fields.memId = info.memId;
}

/** Memory for the region that is to be made. */
function lend({ native, device }: OpenDevice, wanted: Wanted): ExtmemOption | undefined {
  if (wanted.extmem === undefined) return undefined;
  const { file, bytes, hugePages, sizes } = wanted.extmem;
  const failure = native.lend(file, bytes, hugePages);
  if (failure) throw refused('making the memory of', failure, { native, device }, wanted, failure.detail);
  return new ExtmemOption(sizes);
}

function register(
  { native, device }: OpenDevice,
  wanted: Wanted,
  offsets: OffsetsOption | undefined,
  memory: ExtmemOption | undefined,
): RegisterBody {
  const body = new RegisterBody(wanted.fields);
  const options = [memory, offsets].flatMap((option) => (option ? [option.bytes] : []));
  const failure = native.control(REQ.REGISTER, wanted.name, body.bytes, options);
  if (!failure) return body;
  const hint =
    memory && device === 'kernel'
      ? extmemHint(failure.errno, memory)
      : offsets && offsets.status === failure.errno
        ? offsetsHint(failure.errno, wanted)
        : undefined;
  throw refused('opening', failure, { native, device }, wanted, hint);
}

/** The kernel says no more than an errno; whether it was about the memory the option's status tells. */
function extmemHint(number: number, memory: ExtmemOption): string | undefined {
  if (number === errno.EOPNOTSUPP && memory.status === number) {
    return 'this netmap module was built without external memory: build it with "./configure --enable-extmem", or use the engine';
  }
  if (number === errno.ENOMEM && memory.status === number) {
    return `the pools do not fit into the ${memory.memSize} bytes of memory: give more, or ask for fewer or smaller objects`;
  }
  if (number === errno.ENOMEM) {
    return (
      'the pools are too small, or their objects do not lie in one piece in physical memory: rings of more than 240 slots ' +
      'need huge pages (extmem.hugePages, or a file on a hugetlbfs)'
    );
  }
  return number === errno.EFAULT ? 'the memory must be there as a whole, and writable' : undefined;
}

function offsetsHint(number: number, { offset }: Wanted): string | undefined {
  switch (number) {
    case errno.EINVAL:
      return `offset.max is ${offset?.max}: it can be no larger than the buffers`;
    case errno.EBUSY:
      return 'the port is open with smaller offsets, or fewer bits for them: ask for no more, or close it first';
    case errno.EOPNOTSUPP:
      return 'ports of this kind take no offsets';
    default:
      return undefined;
  }
}

function map({ native, device }: OpenDevice, wanted: Wanted, reply: RegisterBody, maxOffset?: number): Port {
  const region = native.map(reply.memSize);
  if (isFailure(region)) throw refused('mapping the memory of', region, { native, device }, wanted);
  // The kernel leaves a port where it is, and says nothing.
  if (wanted.extmem && !holdsPort(region, reply.offset, wanted)) throw elsewhere(wanted, device);
  try {
    const { label: name, monitor } = wanted;
    const { memId, offset: ifOffset } = reply;
    const opened = { name, device, native, region, memId, ifOffset, maxOffset, monitor };
    return wanted.csb ? CsbPort.make(opened, (wanted.fields.flags & NR.NO_TX_POLL) === 0) : Port.make(opened);
  } catch (error) {
    if (!(error instanceof LayoutError)) throw error;
    throw systemError('opening', errno.EPROTO, { port: wanted.label, device, call: 'map', detail: error.message });
  }
}

/** Whether the port's interface lies where the registration said, in memory of ours. */
function holdsPort(region: ArrayBuffer, ifOffset: number, { name, fields }: Wanted): boolean {
  const seen = interfaceName(region, ifOffset);
  return fields.mode === MODE.null ? seen.startsWith('null') : name.startsWith(seen) && seen.length > 0;
}

function elsewhere({ label }: Wanted, device: DeviceKind): NetmapError {
  const hint = 'close it first, or open it without extmem';
  return new NetmapError(`'${label}' is open in other memory on the ${device} (EBUSY); ${hint}`, {
    code: 'EBUSY',
    errno: errno.EBUSY,
    port: label,
    hint,
  });
}

function refused(
  doing: string,
  failure: Failure,
  { native, device }: OpenDevice,
  wanted: Wanted,
  hint?: string,
): NetmapError {
  const limit =
    device === 'kernel' && failure.errno === errno.ENOMEM && failure.call === 'NIOCCTRL'
      ? explainNoMemory(native, wanted)
      : undefined;
  return systemError(doing, failure.errno, {
    port: wanted.label,
    device,
    call: failure.call,
    detail: failure.detail,
    hint: hint ?? limit,
  });
}
