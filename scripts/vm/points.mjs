// Boils the TAP of a test file down to its tests: assertions by the hundred would drown them, and a serial line is slow.

/** Lines of a failed test that are shown. */
const SHOWN = 120;

/**
 * The innermost named tests of a file as flat TAP, with the text of those that failed, and the file's notes, as comments.
 *
 * @param output what the file wrote
 * @param end what is wrong with how it ended, if anything is
 */
export function digest(output, end) {
  const file = { name: '', text: [] };
  const open = [file];
  const points = [];
  const notes = [];
  let skipped;
  let outside; // assertions outside of any test, as one
  for (const line of output.split('\n')) {
    const text = line.trimStart();
    const indent = line.length - text.length;
    const inner = open.at(-1);
    if (text.startsWith('# Subtest: ')) {
      inner.hasInner = true;
      const name = text.slice(11);
      open.push({ name: inner === file ? name : `${inner.name} > ${name}`, indent, text: [] });
      continue;
    }
    if (text.startsWith('# note: ')) notes.push(text);
    for (const block of open) block.text.push(line);
    const [, not, skip] = /^(not )?ok \d+.*?(?:# (SKIP.*))?$/.exec(text) ?? ['', undefined, undefined];
    const isPoint = /^(not )?ok \d/.test(text);
    if (isPoint && inner !== file && indent === inner.indent) {
      open.pop();
      if (!inner.hasInner) points.push({ ...inner, not, skip });
    } else if (isPoint && inner === file && skip) {
      points.push({ name: text.replace(/^ok \d+( - )?|\s*# SKIP.*/g, ''), skip });
    } else if (isPoint && inner === file) {
      outside ??= { name: 'outside of named tests', text: file.text };
      outside.not ||= not;
    }
    if (indent === 0) skipped ??= /^1\.\.0 # ?(?:SKIP)? ?(.*)/i.exec(text)?.[1];
  }
  if (outside) points.push(outside);
  const unfinished = open.length > 1 ? `${open.at(-1).name}: ` : '';
  const last = points.at(-1)?.name;
  if (end && (unfinished || !points.some(({ not }) => not))) {
    const behind = unfinished || !last ? '' : `after "${last}": `; // a test has no name before its first assertion
    points.push({ name: `${unfinished}${behind}${end}`, not: true, text: file.text });
  }
  const lines = points.flatMap(({ not, name, skip, text }, k) => [
    `${not ? 'not ok' : 'ok'} ${k + 1} - ${name.replace(/\s*\n\s*/g, ' ')}${skip ? ` # ${skip}` : ''}`,
    ...(not ? text.slice(-SHOWN).map((line) => `# ${line}`) : []),
  ]);
  lines.push(...notes, `1..${points.length}`);
  return { lines, failed: points.some(({ not }) => not), skipped: points.length === 0 ? skipped : undefined };
}
