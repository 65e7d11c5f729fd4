import type { Command } from 'commander';
import { Capture } from '../apps';
import type { Port } from '../port';
import { fileName, portName, positive, whole } from './arguments';
import { describeTraffic } from './describe';
import { addFilter, filterOf, type FilterOptions } from './filter';
import { count as countOf, size } from './format';
import { addCommon, addRun, type RunOptions } from './options';
import { describeDropped } from './sink';
import { runTool } from './tool';

interface CaptureOptions extends RunOptions, FilterOptions {
  count?: number;
  timeout?: number;
  duration?: number;
  snaplen?: number;
}

/** Longest packet that a capture file may hold. */
const MAX_SNAPLEN = 1 << 27;

export function addCapture(program: Command): void {
  const command = program
    .command('capture')
    .description('write the packets that arrive into a pcap file with nanosecond time stamps')
    .argument('<PORT>', 'port to receive by', portName)
    .argument('<FILE>', 'file to write; an existing one is replaced', fileName)
    .option('--count <N>', 'packets to capture (default: no end)', whole(1))
    .option('--timeout <S>', 'end after so many seconds without a packet', positive('seconds'))
    .option('--duration <S>', 'seconds until the end (default: none)', positive('seconds'))
    .option('--snaplen <N>', 'most bytes of a packet to keep (default: 262144)', whole(1, MAX_SNAPLEN));
  addCommon(addRun(addFilter(command)), [
    'capture vale0:c out.pcap',
    'capture vale0:c out.pcap --count 1000 --snaplen 96',
    "capture vale0:c dns.pcap --filter 'udp { src-port 53 or dst-port 53 }'",
    'capture vale0:c@conf:rx-slots=4096 out.pcap --timeout 10',
  ]).action(capture);
}

async function capture(name: string, file: string, options: CaptureOptions): Promise<void> {
  const { count, timeout, duration, snaplen } = options;
  const filter = filterOf(options);
  await runTool(
    {
      command: 'capture',
      direction: 'rx',
      make: (port: Port) => new Capture(port, { file, count, timeout, duration, snaplen, filter }),
      describe: (stats) => {
        const cut = stats.cut ? `\n${countOf(stats.cut, 'packet')} cut to ${snaplen} bytes` : '';
        const denied = filter ? `\n${countOf(stats.refused, 'packet')} denied by the filter` : '';
        const where = `\nwrote ${countOf(stats.packets - stats.skipped, 'packet')}, ${size(stats.fileBytes)}, to ${file}`;
        return describeTraffic('captured', stats) + describeDropped(stats) + denied + where + cut;
      },
    },
    name,
    options,
  );
}
