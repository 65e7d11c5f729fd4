import t from 'tap';
import { NetmapError, parsePortName } from 'node-netmap';
import { Random, rounds, seed } from './random';

const random = new Random(seed() ^ 0x9a3e);

const PIECES = [
  ...['netmap:', 'vale0:', 'vale:', 'vale', 'eth0', 'a', 'p', '{1', '}x_9', '{', '}', '-0', '-4094', '-4095', '-', '*'],
  ...['^', '^3', '/', '/x', '/rtz', '/RT', '/q', '@', '@1', '@0', '@65537', '@conf:', 'rings=2', ',', 'slots=', '64'],
  ...['tx-slots=256', 'host_rings=1', '@share', '=', 'vale1:b', ':', '@offset:', 'initial=64', 'bits=16', '@extmem'],
  ...['@extmem:file=/tmp/x', 'buf-num=99999999999', '\0', ' ', '\n', 'é', '\u{1f600}', '\ud800', '%s', '0x10', '1e3'],
];

function name(): string {
  let text = random.below(8) ? random.pick(['netmap:', 'vale0:', 'netmap:eth0', 'vale0:a']) : '';
  for (let n = random.below(7); n > 0; n--) {
    text += random.below(6) ? random.pick(PIECES) : String.fromCharCode(random.below(0x180));
  }
  return text;
}

t.test('any text is a port name or an error that says where', async (t) => {
  const total = rounds(40000);
  let good = 0;
  for (let round = 0; round < total; round++) {
    const text = name();
    try {
      const parsed = parsePortName(text);
      good++;
      if (parsed.name === '' || Buffer.byteLength(parsed.name) > 63) throw new Error(`name of ${JSON.stringify(text)}`);
    } catch (error) {
      if (!(error instanceof NetmapError)) throw error;
      const at = error.position;
      if (at === undefined || at < 0 || at > text.length) throw new Error(`${JSON.stringify(text)}: position ${at}`);
    }
  }
  t.ok(good > total / 100 && good < total / 2, `${good} of ${total} were names`);
});
