import { OffsetsOption, PortInfoBody, RegisterBody } from './abi';
import { NR, REQ } from './constants';
import { CsbPort } from './csb-port';
import { openDevice, type OpenDevice } from './devices';
import { errno } from './errno';
import { NetmapError } from './errors';
import { LayoutError } from './memory';
import { isFailure, type Failure } from './native';
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
    const reply = register(opened, wanted, offsets);
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

function register({ native, device }: OpenDevice, wanted: Wanted, offsets?: OffsetsOption): RegisterBody {
  const body = new RegisterBody(wanted.fields);
  const failure = native.control(REQ.REGISTER, wanted.name, body.bytes, offsets ? [offsets.bytes] : []);
  if (!failure) return body;
  const hint = offsets && offsets.status === failure.errno ? offsetsHint(failure.errno, wanted) : undefined;
  throw refused('opening', failure, { native, device }, wanted, hint);
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
