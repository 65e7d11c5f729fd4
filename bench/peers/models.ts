import type { Conditions, Measurement, Peer } from '../benchmark';
import { buildModel } from './compiler';

interface Model {
  /** Source in native/bench, without `.cc`. */
  source: string;
  name: string;
  args?: string[];
  /** For the linker. */
  libraries?: string[];
  fits: (conditions: Conditions) => boolean;
}

/** A small C++ program of ours: what the machine can do without netmap's work. */
function model({ source, name, args = [], libraries, fits }: Model): Peer {
  return {
    name,
    fits,
    missing: () => buildModel(source, { libraries }).error,
    async measure({ batch = 512, frame = 60 }, session): Promise<Measurement> {
      const child = session.command(buildModel(source, { libraries }).path, [
        ...['--seconds', String(session.seconds), '--warm-up', String(Math.min(session.warmUp, 0.2))],
        ...['--batch', String(batch), '--frame', String(frame)],
        ...args,
      ]);
      const result = await child.message('result');
      await child.end();
      return result;
    },
  };
}

export const fillModel = (fits: Model['fits']) => model({ source: 'fill_model', name: 'the same in C++', fits });
export const copyModel = (fits: Model['fits']) =>
  model({ source: 'copy_model', name: 'bare copy in C++', args: ['--stride', '2112'], fits });
export const copyModelOneThread = (fits: Model['fits']) =>
  model({ source: 'copy_model', name: 'bare copy in C++', args: ['--stride', '2112', '--one', '1'], fits });
export const wakeModel = (fits: Model['fits']) => model({ source: 'wake_model', name: 'a byte through pipe(2)', fits });
/** Debian: `apt-get install libpcap-dev`. */
export const bpfModel = (fits: Model['fits']) =>
  model({ source: 'bpf_model', name: "libpcap's filter", libraries: ['-lpcap'], fits });
