/** Pipes of one memory region: a chain from the far end of the first, through whoever has the near ends, to the other far ends. */
export function chainNames(a: string, pipes = 2): { near: string[]; far: string[] } {
  const near = Array.from({ length: pipes }, (_, k) => a.replace(/\d+$/, String(k + 1)));
  return { near, far: near.map((name) => name.replace('{', '}')) };
}
