import type { Port } from '../port';
import { count } from './format';

/** What the device did not deliver of what a port has sent. */
export interface SenderLosses {
  /** Packets for nobody: no other port is there, or the one they are for is gone; null where the device does not tell. */
  unroutable: number | null;
  /** Packets that no switch takes: shorter than 14 bytes, for example. */
  bad: number | null;
}

export function senderLosses(port: Port): SenderLosses {
  const counters = port.counters();
  return { unroutable: counters && counters.dropUnroutable, bad: counters && counters.dropBad };
}

/** The same for people; nothing when nothing is to be told. */
export function describeLosses(port: Port, pending: number): string {
  const { unroutable, bad } = senderLosses(port);
  let text = '';
  if (unroutable)
    text += `\n${count(unroutable, 'packet')} reached nobody: there was no other port to take ${unroutable === 1 ? 'it' : 'them'}`;
  if (bad) text += `\n${count(bad, 'packet')} were refused: shorter than 14 bytes, or too long`;
  if (pending) text += `\n${count(pending, 'packet')} had not been read at the end`;
  return text;
}
