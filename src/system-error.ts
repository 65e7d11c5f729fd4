import { NetmapError } from './errors';
import { errnoName, errnoText } from './errno';
import { hintFor } from './hints';
import type { DeviceKind } from './native';

/** What was being done when the system said no. */
export interface ErrorContext {
  port: string;
  device: DeviceKind;
  /** The call that failed. */
  call: string;
  /** What the call says about it. */
  detail?: string;
  /** Something better to do than what the errno alone suggests. */
  hint?: string;
}

/** A NetmapError for an errno, with advice: `opening 'netmap:eth0' on the kernel: no such device (ENXIO); ...` */
export function systemError(doing: string, number: number, context: ErrorContext): NetmapError {
  // The engine's details are advice already; an errno alone knows less.
  const detailed = context.device === 'engine' && context.detail;
  const hint = context.hint ?? (detailed ? undefined : hintFor(number, context));
  const code = context.call === 'version' ? 'ERR_NETMAP_VERSION' : errnoName(number);
  const reason = context.call === 'version' ? 'wrong version' : errnoText(number);
  const message =
    `${doing} '${context.port}' on the ${context.device}: ${reason} (${code})` +
    (context.detail ? `: ${context.detail}` : '') +
    (hint ? `; ${hint}` : '');
  return new NetmapError(message, {
    code,
    errno: number,
    syscall: context.call,
    port: context.port,
    hint: hint ?? context.detail,
  });
}
