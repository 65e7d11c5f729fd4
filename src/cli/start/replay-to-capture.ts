import { basename, extname, resolve } from 'node:path';
import type { PacketComparison } from '../../pcap';
import { comparePackets } from '../../pcap/compare';
import { PcapReader } from '../../pcap/reader';
import { count } from '../format';
import { ChildTool, type ToolLine } from './child-tool';
import { account, closingTable, liveLine } from './lines';
import { Stage } from './stage';

/** Room for bursts: packets of one time stamp are sent in one go. */
const RX_SLOTS = 4096;

/** Replays a file with its own timing through a switch into another file, and compares the two. Returns the exit code. */
export async function replayToCapture(file: string): Promise<number> {
  // npm runs scripts in the folder of the package; names are meant from where it was called.
  const folder = process.env.INIT_CWD ?? process.cwd();
  const source = resolve(folder, file);
  const target = resolve(folder, `${basename(file, extname(file))}-replayed.pcap`);
  PcapReader.open(source).close(); // what is no capture is told before anything is started
  const stage = new Stage();
  const { device, sender, receiver } = stage;
  const say = (who: string) => (line: ToolLine) => process.stdout.write(`${liveLine(device, who, line)}\n`);
  try {
    process.stdout.write(`${device}: replay ${source} ${sender} -> capture ${receiver} ${target}\n`);
    process.stdout.write(stage.neighbours());
    // Its tx ring is left to the replay, see --to.
    const port = `${receiver}/R${device === 'engine' ? `@conf:rx-slots=${RX_SLOTS}` : ''}`;
    const capture = stage.add(new ChildTool(['capture', port, target, '--device', device], say('capture')));
    await capture.started;
    const args = ['replay', source, sender, '--to', receiver, '--device', device];
    const replay = stage.add(new ChildTool(args, say('replay')));
    await Promise.race([replay.ended, capture.ended]);
    replay.stop();
    const codes = [await replay.ended];
    capture.stop();
    codes.push(await capture.ended);
    const same = conclude(source, target, replay.summary, capture.summary);
    return stage.interrupted || (same && codes.every((code) => code === 0)) ? 0 : 1;
  } finally {
    await stage.clear();
  }
}

function conclude(source: string, target: string, sent?: ToolLine, received?: ToolLine): boolean {
  process.stdout.write(
    `${closingTable([
      ['replay', sent],
      ['capture', received],
    ])}\n`,
  );
  if (!sent || !received) return false;
  process.stdout.write(`${account(sent, received)}\n`);
  if (sent.skipped) {
    process.stdout.write(`skipped ${count(sent.skipped, 'packet')}: too long for the port, empty, or not Ethernet\n`);
  }
  // A packet that the first capture had cut has lost its length for good.
  const comparison = comparePackets(source, target, { originalLengths: false });
  process.stdout.write(`${describeComparison(comparison)}\n  ${source}\n  ${target}\n`);
  return comparison.same;
}

function describeComparison({ same, packetsA, packetsB, bytesA, bytesB, difference }: PacketComparison): string {
  const sizes = `${count(packetsA, 'packet')} of ${count(bytesA, 'byte')}`;
  if (same) return `both files hold the same packets: ${sizes}`;
  const other = `${count(packetsB, 'packet')} of ${count(bytesB, 'byte')}`;
  const where = difference ? `, first difference at packet ${difference.index + 1} (${difference.kind})` : '';
  return `the files do not hold the same packets: ${sizes} and ${other}${where}`;
}
