import { InvalidArgumentError } from 'commander';
import { ipRules, macRules } from '../apps/replay/address-map';

/** Reads `FROM=TO`, option after option. */
type PairReader = (text: string, before?: Record<string, string>) => Record<string, string>;

function pairs(check: (pair: Record<string, string>) => unknown, problem: string): PairReader {
  return (text, before = {}) => {
    const [from, to, ...rest] = text.split('=');
    const pair = { [from]: to };
    try {
      if (to === undefined || rest.length > 0) throw new Error();
      check(pair);
    } catch {
      throw new InvalidArgumentError(problem);
    }
    return { ...before, ...pair };
  };
}

/** IP addresses or networks and what becomes of them. */
export const ipPairs = pairs(
  (pair) => ipRules('', pair),
  'It must be two addresses or networks, for example 10.0.0.0/8=192.168.0.0/16 or fd00::1=fd00::2.',
);

/** MAC addresses and what becomes of them. */
export const macPairs = pairs(
  (pair) => macRules('', pair),
  'It must be two MAC addresses, for example 02:00:00:00:00:01=02:00:00:00:00:09.',
);
