import { ChildTool, type ToolLine } from './child-tool';
import { account, closingTable, liveLine } from './lines';
import { Stage } from './stage';

const SECONDS = 5;

/** The main job: a generator and a sink, each in a process of its own, on a switch. Returns the exit code. */
export async function generateToSink(): Promise<number> {
  const stage = new Stage();
  const { device, sender, receiver } = stage;
  const say = (who: string) => (line: ToolLine) => process.stdout.write(`${liveLine(device, who, line)}\n`);
  try {
    process.stdout.write(`${device}: generate ${sender} -> sink ${receiver}, for ${SECONDS} seconds\n`);
    process.stdout.write(stage.neighbours());
    const sink = stage.add(new ChildTool(['sink', receiver, '--device', device], say('sink')));
    await sink.started;
    const args = ['generate', sender, '--device', device, '--duration', String(SECONDS)];
    const generator = stage.add(new ChildTool(args, say('generator')));
    // Either may fail: the other one has nothing to do then.
    await Promise.race([generator.ended, sink.ended]);
    generator.stop();
    const codes = [await generator.ended];
    sink.stop();
    codes.push(await sink.ended);
    return conclude(generator.summary, sink.summary) && codes.every((code) => code === 0) ? 0 : 1;
  } finally {
    await stage.clear();
  }
}

function conclude(sent: ToolLine | undefined, received: ToolLine | undefined): boolean {
  process.stdout.write(
    `${closingTable([
      ['generator', sent],
      ['sink', received],
    ])}\n`,
  );
  if (!sent || !received) return false;
  process.stdout.write(`${account(sent, received)}\n`);
  if (received.dropped) {
    process.stdout.write('dropped means that the sink was slower than the generator: a switch does not wait\n');
  }
  return true;
}
