/** The code of what `f` throws; undefined when it throws nothing, or something without a code. */
export function codeOf(f: () => unknown): string | undefined {
  try {
    f();
    return undefined;
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

/** The code of what a promise rejects with. */
export function rejectionOf(promise: Promise<unknown>): Promise<string | undefined> {
  return promise.then(
    () => undefined,
    (error: unknown) => (error as { code?: string }).code ?? String(error),
  );
}

/** Values that are no number, or none that makes sense. */
export const GARBAGE: readonly unknown[] = [
  undefined,
  null,
  NaN,
  Infinity,
  -Infinity,
  -1,
  1.5,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  '1',
  'x',
  '',
  1n,
  true,
  {},
  [],
  [1],
  () => 1,
  Symbol('x'),
  new Uint8Array(4),
  new Date(0),
];
