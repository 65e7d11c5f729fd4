import type { Contestant } from '../benchmark';

/** What is measured by one program of ours, in a process of its own. `kind` says which names it gets. */
export function single(program: string, kind: 'vale' | 'pipe' = 'vale'): Contestant {
  return {
    name: 'node-netmap',
    async measure(conditions, session) {
      const child = session.program(program, { ...conditions, ...session.names(kind) });
      const result = await child.message('result');
      await child.end();
      return result;
    },
  };
}
