import { Option, type Command } from 'commander';
import { Capture } from '../apps/capture';
import { fileName, portName, positive, whole } from './arguments';
import { describeTraffic } from './describe';
import { addLoggingFilter, openFilter, type FilterOptions, type OpenFilter } from './filter';
import { count as countOf, size } from './format';
import { addCommon, addRun, type RunOptions } from './options';
import { describeDropped } from './sink';
import { runTool } from './tool';

interface CaptureOptions extends RunOptions, FilterOptions {
  count?: number;
  timeout?: number;
  duration?: number;
  snaplen?: number;
  format?: 'pcap' | 'pcapng';
  gzip?: boolean;
  microseconds?: boolean;
  rotateBytes?: number;
  rotateSeconds?: number;
  files?: number;
}

/** Longest packet that a capture file may hold. */
const MAX_SNAPLEN = 1 << 27;
/** Least bytes of a file: less would not hold a packet. */
const LEAST_FILE = 1024;

export function addCapture(program: Command): void {
  const command = program
    .command('capture')
    .description('write the packets that arrive into a capture file with nanosecond time stamps')
    .argument('<PORT>', 'port to receive by', portName)
    .argument('<FILE>', 'file to write: .pcap or .pcapng, perhaps with .gz; "-" = standard output', fileName)
    .option('--count <N>', 'packets to capture (default: no end)', whole(1))
    .option('--timeout <S>', 'end after so many seconds without a packet', positive('seconds'))
    .option('--duration <S>', 'seconds until the end (default: none)', positive('seconds'))
    .option('--snaplen <N>', 'most bytes of a packet to keep (default: 262144)', whole(1, MAX_SNAPLEN))
    .addOption(new Option('--format <FORMAT>', 'whatever the file is called').choices(['pcap', 'pcapng']))
    .option('--gzip', 'compress, whatever the file is called')
    .option('--microseconds', 'times in microseconds, for programs that know no others (pcap)')
    .option('--rotate-bytes <N>', 'begin a new file when one would grow beyond so many bytes', whole(LEAST_FILE))
    .option('--rotate-seconds <S>', 'begin a new file after so many seconds', positive('seconds'))
    .option('--files <N>', 'keep the last so many files', whole(1));
  addCommon(addRun(addLoggingFilter(command)), [
    'capture vale0:c out.pcap',
    'capture vale0:c out.pcapng.gz --count 1000 --snaplen 96',
    'capture vale0:c out.pcapng --rotate-bytes 100M --files 10',
    "capture vale0:c dns.pcap --filter 'udp { src-port 53 or dst-port 53 }'",
    'capture vale0:c@conf:rx-slots=4096 out.pcap --timeout 10',
  ]).action(capture);
}

async function capture(name: string, file: string, options: CaptureOptions): Promise<void> {
  const { count, timeout, duration, snaplen, format, gzip, rotateBytes, rotateSeconds, files } = options;
  const nanoseconds = options.microseconds ? false : undefined;
  const ends = { count, timeout, duration };
  const shape = { snaplen, format, gzip, nanoseconds, rotateBytes, rotateSeconds, files };
  let filter: OpenFilter | undefined;
  await runTool(
    {
      command: 'capture',
      direction: 'rx',
      writesData: file === '-',
      make: (port, output) => {
        filter = openFilter(options, output);
        return new Capture(port, { file, ...ends, ...shape, filter: filter?.rules });
      },
      close: () => filter?.close(),
      describe: (stats) => {
        const cut = stats.cut ? `\n${countOf(stats.cut, 'packet')} cut to ${snaplen} bytes` : '';
        const denied = filter ? `\n${countOf(stats.refused, 'packet')} denied by the filter` : '';
        const several = stats.files > 1 ? ` and ${countOf(stats.files - 1, 'file')} before it` : '';
        const kept = countOf(stats.packets - stats.skipped, 'packet');
        const where = `\nwrote ${kept}, ${size(stats.fileBytes)}, to ${stats.file}${several}`;
        return describeTraffic('captured', stats) + describeDropped(stats) + denied + where + cut;
      },
    },
    name,
    options,
  );
}
