// What is run inside, by name: test files by their numbers. Those that are about the engine alone skip themselves.
export const PARTS = {
  conformance: /^202-/,
  typed: /^(0\d\d|3[0-7]\d)-/,
  tools: /^39[15]-/,
  emulator: /^(394|54[2-46])-/,
  veth: /^39[26]-/,
  speed: /^393-/,
};

/** The test files of a selection, part by part; without one, of all parts. */
export function filesOf(all, only = Object.keys(PARTS)) {
  const patterns = only.map((name) => PARTS[name] ?? new RegExp(`^${name}-`));
  const files = all.filter((file) => file.endsWith('.test.js')).sort();
  return [...new Set(patterns.flatMap((pattern) => files.filter((file) => pattern.test(file))))];
}
