import { Cursor } from './cursor';
import { readBody, toCount, type KeyValue, type OptionSyntax } from './keys';
import type { NameConf, NameExtmem, ParsedName } from './parsed';
import { readPort } from './port';

const MAX_RINGS = 0xffff;
const MAX_U32 = 0xffffffff;

type OptionReader = (cursor: Cursor, values: KeyValue[], into: ParsedName, start: number) => void;

interface Option extends OptionSyntax {
  read: OptionReader;
}

const OPTIONS: readonly Option[] = [
  { word: 'share', keys: ['port'], defaultKey: 'port', required: 'port', read: readShare },
  {
    word: 'conf',
    keys: [
      'rings',
      'host-rings',
      'slots',
      'tx-rings',
      'rx-rings',
      'host-tx-rings',
      'host-rx-rings',
      'tx-slots',
      'rx-slots',
    ],
    read: readConf,
  },
  {
    word: 'extmem',
    keys: ['file', 'if-num', 'if-size', 'ring-num', 'ring-size', 'buf-num', 'buf-size'],
    defaultKey: 'file',
    required: 'file',
    read: readExtmem,
  },
  // libnetmap keeps this one switched off for programs that ignore offsets; this library never does.
  { word: 'offset', keys: ['initial', 'bits'], defaultKey: 'initial', required: 'initial', read: readOffset },
];

/** Reads all `@option`s from the cursor, which stands at the first `@` or at the end, into `into`. */
export function readOptions(cursor: Cursor, into: ParsedName): void {
  while (!cursor.atEnd) {
    const start = ++cursor.position; // behind the @
    const end = cursor.find('@');
    if (start === end) throw cursor.error(`expected an option behind '@': ${known()}`, start);
    const word = cursor.text.slice(start, Math.min(cursor.find(':='), end));
    const option = OPTIONS.find((candidate) => candidate.word === word);
    if (option === undefined) {
      const hint = /^[0-9]+$/.test(word) ? 'a memory id stands before the options' : undefined;
      throw cursor.error(`unknown option '${word}', expected ${known()}`, start, hint);
    }
    cursor.position = start + word.length;
    option.read(cursor, readBody(cursor, option, end), into, start);
    cursor.position = end;
  }
}

function known(): string {
  return OPTIONS.map(({ word }) => `@${word}`).join(', ');
}

/**
 * The name of another port. As in libnetmap only the port itself counts: what follows it (`netmap:lo/R`) is read over.
 */
function readShare(cursor: Cursor, values: KeyValue[], into: ParsedName, start: number): void {
  const { value, position } = values[0];
  const share = readPort(new Cursor(cursor.text, position, position + value.length));
  if (into.share !== undefined && into.share !== share) {
    throw cursor.error(`the port shares memory with '${into.share}' already`, start);
  }
  into.share = share;
}

/** Counts: within one `@conf` the specific keys beat the general ones; of several `@conf` the last one counts. */
function readConf(cursor: Cursor, values: KeyValue[], { conf }: ParsedName): void {
  const counts = new Map<string, number>();
  for (const item of values) {
    counts.set(item.key, toCount(cursor, item, item.key.endsWith('rings') ? MAX_RINGS : MAX_U32));
  }
  const set = (field: keyof NameConf, general: string, specific: string): void => {
    const count = counts.get(specific) ?? counts.get(general);
    if (count !== undefined) conf[field] = count;
  };
  set('txRings', 'rings', 'tx-rings');
  set('rxRings', 'rings', 'rx-rings');
  set('hostTxRings', 'host-rings', 'host-tx-rings');
  set('hostRxRings', 'host-rings', 'host-rx-rings');
  set('txSlots', 'slots', 'tx-slots');
  set('rxSlots', 'slots', 'rx-slots');
}

const EXTMEM_FIELDS: Record<string, Exclude<keyof NameExtmem, 'file'>> = {
  'if-num': 'ifNum',
  'if-size': 'ifSize',
  'ring-num': 'ringNum',
  'ring-size': 'ringSize',
  'buf-num': 'bufNum',
  'buf-size': 'bufSize',
};

function readExtmem(cursor: Cursor, values: KeyValue[], into: ParsedName, start: number): void {
  if (into.extmem !== undefined) throw cursor.error("'@extmem' was given before", start);
  const extmem: NameExtmem = { file: '' };
  for (const item of values) {
    if (item.key === 'file') extmem.file = item.value;
    else extmem[EXTMEM_FIELDS[item.key]] = toCount(cursor, item, MAX_U32);
  }
  into.extmem = extmem;
}

function readOffset(cursor: Cursor, values: KeyValue[], into: ParsedName, start: number): void {
  if (into.offset !== undefined) throw cursor.error("'@offset' was given before", start);
  const offset = { initial: 0, bits: 0 };
  for (const item of values) {
    if (item.key === 'initial') offset.initial = toCount(cursor, item, MAX_U32);
    else offset.bits = toCount(cursor, item, 64);
  }
  into.offset = offset;
}
