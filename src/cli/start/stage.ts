import { NetmapError } from '../../errors';
import { ports } from '../../ports';
import { probe } from '../../probe';
import type { DeviceKind } from '../../native';
import { onClosedOutput } from '../output';
import { StopSignals } from '../stop-signals';
import type { ChildTool } from './child-tool';

/** The switch that everything runs on. */
const SWITCH = 'vale0';

/** What a job of `npm start` needs: the device, two ports that collide with nobody's, and an end when it is asked for. */
export class Stage {
  readonly device: DeviceKind;
  readonly sender: string;
  readonly receiver: string;
  /** Whether Ctrl-C or the like has asked for the end. */
  interrupted = false;
  private readonly signals = new StopSignals();
  private readonly tools: ChildTool[] = [];

  constructor() {
    const { device, problems } = probe();
    if (device === null) {
      const reasons = problems.map(({ what, remedy }) => `\n  ${what}\n    ${remedy}`).join('');
      throw new NetmapError(`no netmap device can be used here${reasons}`, { code: 'ERR_NETMAP_DEVICE' });
    }
    this.device = device;
    const id = process.pid.toString(36);
    this.sender = `${SWITCH}:from${id}`;
    this.receiver = `${SWITCH}:to${id}`;
    this.signals.listen(() => this.stop());
    onClosedOutput(() => this.stop());
  }

  /** A line for everybody else on the switch: they see the packets, and send us theirs. Nothing when there is nobody. */
  neighbours(): string {
    if (this.device !== 'engine') return '';
    const others = ports().filter(({ switchName }) => switchName === SWITCH);
    if (others.length === 0) return '';
    const names = others.map(({ name }) => name).join(', ');
    return `${SWITCH} is in use already, by ${names}: they receive these packets too, and what they send is counted here\n`;
  }

  /** Lets a tool end with everything; the sender comes last. */
  add<T extends ChildTool>(tool: T): T {
    this.tools.push(tool);
    if (this.interrupted) tool.stop();
    return tool;
  }

  /** Ends everything, whatever state it is in, the sender first. */
  async clear(): Promise<void> {
    for (const tool of this.tools.reverse()) {
      tool.stop();
      await tool.ended.catch(() => {});
    }
  }

  /** The sender ends; what follows from that ends the rest. */
  private stop(): void {
    this.interrupted = true;
    this.tools.at(-1)?.stop();
  }
}
