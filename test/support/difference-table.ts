import { DIFFERENCES, type Difference } from '../conformance/differences';

/** The table of docs/fidelity.md. */
export function differenceTable(): string {
  const rows = Object.values<Difference>(DIFFERENCES).map(
    ({ rule, kernel, engine, reason, unexamined }) =>
      `| ${rule} | ${kernel} | ${engine} | ${reason} | ${unexamined === undefined ? 'both' : `engine (${unexamined})`} |`,
  );
  return ['| rule | kernel module | engine | why | seen on |', '| --- | --- | --- | --- | --- |', ...rows].join('\n');
}
