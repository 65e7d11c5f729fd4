import { checkInteger, checkObject, wrongValue } from '../check';
import type { SchedulerOptions } from './scheduler';
import { managementWords } from './words';

const TYPES = ['fifo', 'rr', 'wf2q+', 'qfq', 'prio', 'fq_codel', 'fq_pie'];

/** The type of a scheduler, and what belongs to it: these come last in a command. */
export function schedulerWords(argument: string, value: SchedulerOptions['type'] | SchedulerOptions): string[] {
  const options: SchedulerOptions = typeof value === 'string' ? { type: value } : value;
  checkObject(argument, options, ['type', 'quantum', 'limit', 'flows', 'codel', 'pie', 'mask']);
  const { type, quantum, limit, flows, codel, pie } = options;
  if (!TYPES.includes(type)) throw wrongValue(`${argument}.type`, `must be one of ${TYPES.join(', ')}`, type);
  const words: string[] = [type];
  const fair = type === 'fq_codel' || type === 'fq_pie';
  for (const [name, number, most] of [
    ['quantum', quantum, 65535],
    ['limit', limit, 10_000_000],
    ['flows', flows, 65536],
  ] as const) {
    if (number === undefined) continue;
    if (!fair) throw wrongValue(`${argument}.${name}`, 'belongs to fq_codel and fq_pie', number);
    words.push(name, String(checkInteger(`${argument}.${name}`, number, 1, most)));
  }
  for (const [name, parameters] of [
    ['codel', codel],
    ['pie', pie],
  ] as const) {
    if (parameters === undefined) continue;
    if (type !== `fq_${name}`) throw wrongValue(`${argument}.${name}`, `belongs to fq_${name}`, parameters);
    checkObject(`${argument}.${name}`, parameters, Object.keys(parameters));
    words.push(...managementWords(`${argument}.${name}`, { ...parameters, type: name }).slice(1));
  }
  return words;
}
