import { constants } from 'node:os';
import t from 'tap';
import { NetmapError, parsePortName } from 'node-netmap';
import { Random } from './random';

function failure(text: string): NetmapError {
  try {
    const parsed = parsePortName(text);
    throw new Error(`accepted: ${JSON.stringify(parsed)}`);
  } catch (error) {
    if (error instanceof NetmapError) return error;
    throw error;
  }
}

/** Each bad name, where the caret stands, and words that the message must have. */
function refuse(group: string, rows: readonly (readonly [string, number, RegExp])[]): void {
  t.test(group, async (t) => {
    for (const [text, position, words] of rows) {
      const error = failure(text);
      t.equal(error.code, 'ERR_NETMAP_NAME', text);
      t.equal(error.errno, constants.errno.EINVAL, `${text}: errno`);
      t.equal(error.port, text, `${text}: port`);
      t.equal(error.position, position, `${text}: position`);
      t.match(error.message, words, `${text}: message`);
    }
  });
}

refuse('prefixes', [
  ['eth0', 0, /netmap:eth0/],
  ['', 0, /expected 'netmap:NAME'/],
  ['Netmap:eth0', 0, /expected 'netmap:NAME'/],
  ['netmap', 6, /expected a ':'/],
  ['vale0', 5, /expected a ':' behind 'vale0'.*vale0:a/],
  ['vale0.1:a', 5, /letters, digits and underscores/],
  ['vale0/x@netmap:a', 5, /letters, digits and underscores/],
  ['netmapXXX:eth0', 6, /expected a ':' directly behind 'netmap'/],
  ['null', 0, /null:/],
]);

refuse('names', [
  ['netmap:', 7, /expected a port name/],
  ['netmap:^', 7, /expected a port name/],
  ['netmap:-1', 7, /expected a port name/],
  ['netmap:@2', 7, /expected a port name/],
  [`netmap:${'n'.repeat(64)}`, 7, /too long: 64 bytes, at most 63/],
  [`vale0:${'n'.repeat(58)}`, 0, /too long: 64 bytes/],
  [`netmap:${'é'.repeat(32)}`, 7, /too long: 64 bytes/],
  ['netmap:a\0b', 8, /NUL/],
  ['null:@\0', 6, /NUL/],
]);

refuse('pipes', [
  ['netmap:{', 8, /name of the pipe/],
  ['netmap:eth0{', 12, /name of the pipe/],
  ['netmap:eth0}', 12, /name of the pipe/],
  ['vale0:a{', 8, /name of the pipe/],
  ['netmap:eth0{-1', 12, /name of the pipe/],
  ['netmap:{x', 7, /name of a port before the pipe/],
  ['netmap:pipe{1}2', 13, /letters, digits and underscores/],
  ['netmap:eth0{x{y', 13, /letters, digits and underscores/],
  ['netmap:eth0{a b', 13, /letters, digits and underscores/],
]);

refuse('modes, flags and memory ids', [
  ['netmap:eth0-', 12, /ring number from 0 to 4094/],
  ['netmap:eth0-x', 12, /ring number from 0 to 4094.*open\(/],
  ['netmap:eth0-4095', 12, /4095 is too high/],
  ['netmap:eth0^4095', 12, /4095 is too high/],
  ['netmap:eth0-99999999999999999999', 12, /too high/],
  ['netmap:eth0-1-2', 13, /expected '\/' and flags/],
  ['netmap:eth0-1^', 13, /expected '\/' and flags/],
  ['netmap:eth0^*', 12, /expected '\/' and flags/],
  ['netmap:eth0**', 12, /expected '\/' and flags/],
  ['netmap:eth0/', 12, /expected flags.*x z t r R T/],
  ['netmap:eth0/q', 12, /expected flags/],
  ['netmap:eth0/xq', 13, /expected flags/],
  ['netmap:eth0/x/T', 13, /expected flags/],
  ['netmap:eth0/toString', 13, /expected flags/],
  ['netmap:eth0@', 12, /expected a memory id or an option/],
  ['vale0:0@', 8, /expected a memory id or an option/],
  ['netmap:eth0/x@', 14, /expected a memory id or an option/],
  ['netmap:eth0@0', 12, /starts at 1/],
  ['netmap:eth0@2x', 13, /expected '\/' and flags/],
  ['netmap:eth0@1@2', 14, /2 contradicts the earlier 1/],
  ['netmap:eth0@2/R@3', 16, /3 contradicts the earlier 2/],
]);

refuse('options', [
  ['vale0:0@opt', 8, /unknown option 'opt', expected @share, @conf, @extmem, @offset/],
  ['vale0:0/Tx@opt', 11, /unknown option/],
  ['vale0:0-3@opt', 10, /unknown option/],
  ['netmap:eth0@netmap:lo/R', 12, /unknown option 'netmap'/],
  ['netmap:eth0/R@xxx', 14, /unknown option 'xxx'/],
  ['netmap:eth0@@conf:rings=1', 12, /expected an option behind '@'/],
  ['netmap:eth0@conf:rings=1@', 25, /expected an option behind '@'/],
  ['netmap:eth0@conf:rings=1@2', 25, /unknown option '2'.*before the options/],
  ['netmap:eth0@conf', 16, /needs '@conf:KEY=VALUE/],
  ['netmap:eth0@conf=4', 16, /expected '@conf:KEY=VALUE/],
  ['netmap:eth0@conf:x=1', 17, /unknown key 'x'.*rings, host-rings/],
  ['netmap:eth0@conf:rings=1,', 25, /unknown key ''/],
  ['netmap:eth0@conf:,', 17, /unknown key ''/],
  ['netmap:eth0@conf:rings', 22, /expected '=' and a value/],
  ['netmap:eth0@conf:rings,slots=1', 22, /expected '=' and a value/],
  ['netmap:eth0@conf:rings=1,rings=2', 25, /given before/],
  ['netmap:eth0@conf:tx-rings=1,tx_rings=2', 28, /given before/],
  ['netmap:eth0@conf:rings=two', 23, /expected a number/],
  ['netmap:eth0@conf:rings=2x', 24, /expected a number/],
  ['netmap:eth0@conf:rings=-1', 23, /expected a number/],
  ['netmap:eth0@conf:rings=65536', 23, /too high/],
  ['netmap:eth0@conf:slots=4294967296', 23, /too high/],
  ['netmap:eth0@share', 17, /needs '@share=VALUE'/],
  ['netmap:eth0@share=', 18, /needs a value/],
  ['netmap:eth0@share:', 18, /needs 'port=/],
  ['netmap:eth0@share=eth1', 18, /netmap:eth1/],
  ['netmap:eth0@share=vale0@conf:rings=1', 23, /expected a ':'/],
  ['vale0:a@share=vale0:b@share=vale0:c', 22, /shares memory with 'vale0:b'/],
  ['netmap:eth0@extmem', 18, /needs '@extmem=VALUE'/],
  ['netmap:eth0@extmem:', 19, /needs 'file=/],
  ['netmap:eth0@extmem:buf-num=1', 28, /needs 'file=/],
  ['netmap:eth0@extmem=a@extmem=b', 21, /given before/],
  ['netmap:eth0@offset', 18, /needs '@offset=VALUE'/],
  ['netmap:eth0@offset:bits=3', 25, /needs 'initial=/],
  ['netmap:eth0@offset:initial=1,bits=65', 34, /too high/],
  ['netmap:eth0@offset=1@offset=1', 21, /given before/],
]);

refuse('null ports', [
  ['null:a', 5, /expected '@'/],
  ['null:-1', 5, /expected '@'/],
  ['null:/x', 5, /expected '@'/],
  ['null:@2/x', 7, /expected '@'/],
  ['null:@', 6, /expected a memory id or an option/],
  ['null:@0', 6, /starts at 1/],
  ['null:@1@2', 8, /contradicts/],
  ['null:@opt', 6, /unknown option/],
]);

t.test('the message shows the name with a caret under the offence', async (t) => {
  const [first, name, caret] = failure('netmap:eth0-1-2').message.split('\n');
  t.match(first, /^bad port name: /);
  t.equal(name, '  netmap:eth0-1-2');
  t.equal(caret, '               ^');

  const control = failure('netmap:a\tb{\u{1f600}').message.split('\n');
  t.equal(control[1], '  netmap:a?b{??');
  t.equal(control[2], '             ^');
});

t.test('a long name is shown in part, the caret included', async (t) => {
  const lines = failure(
    `netmap:a@conf:rings=1@share=vale0:${'x'.repeat(20)}@conf:${'slots=1@conf:'.repeat(40)}bad=1`,
  ).message.split('\n');
  t.ok(lines[1].length < 120, 'one line');
  t.equal(lines[1].slice(lines[2].length - 1), 'bad=1');
  t.equal(lines[2].trim(), '^');
});

t.test('the hint is a field of its own, too', async (t) => {
  const error = failure('netmap:my-if');
  t.match(error.hint, /open\(\{ name/);
  t.ok(error.message.includes(error.hint ?? '-'));
});

t.test('other things than strings are a TypeError', async (t) => {
  for (const value of [undefined, null, 1, {}, ['netmap:eth0'], Buffer.from('netmap:eth0')]) {
    t.throws(() => parsePortName(value as string), { name: 'TypeError', code: 'ERR_INVALID_ARG_TYPE' });
  }
});

t.test('random names: an answer or a NetmapError that points into the name', async (t) => {
  const random = new Random(0x6e616d65);
  const parts = [
    'netmap:',
    'vale',
    'vale0:',
    'null:',
    'eth0',
    '{',
    '}',
    '1',
    '0',
    '65537',
    '-',
    '*',
    '^',
    '/',
    'x',
    'T',
  ].concat([
    '@',
    '@conf:',
    '@share=',
    '@extmem:file=',
    'rings',
    '=',
    ',',
    ':',
    ' ',
    '\0',
    '\n',
    'é',
    '\ud800',
    'offset',
  ]);
  let accepted = 0;
  for (let round = 0; round < 20000; round++) {
    let text = random.pick(['netmap:a', 'vale0:b', 'netmap:p{1', 'null:', '']);
    for (let count = random.below(7); count > 0; count--) text += random.pick(parts);
    try {
      parsePortName(text);
      accepted++;
    } catch (error) {
      if (!(error instanceof NetmapError) || error.code !== 'ERR_NETMAP_NAME') throw error;
      const { position = -1 } = error;
      if (!(position >= 0 && position <= text.length)) t.fail(`${JSON.stringify(text)}: position ${position}`);
    }
  }
  t.ok(accepted > 1000, `${accepted} accepted`);
});
