import { netmap } from '../library';
import { args } from './arguments';
import { Scavenges } from './scavenges';

type App = InstanceType<typeof netmap.App>;

const after = (seconds: number) => new Promise((done) => setTimeout(done, 1000 * seconds));

/**
 * Runs an app for the warm-up and a window behind it.
 *
 * @returns `rate` in millions of packets per second; `cpu`, the same per second of CPU time of the whole process; garbage
 *   collections within the window
 */
export async function measureApp(app: App): Promise<{ rate: number; cpu: number; collections: number }> {
  const running = app.start();
  await after(args.warmUp);
  const scavenges = new Scavenges();
  const start = { at: performance.now(), packets: app.stats().packets, cpu: process.cpuUsage() };
  await after(args.seconds);
  const packets = app.stats().packets - start.packets;
  const ms = performance.now() - start.at;
  const { user, system } = process.cpuUsage(start.cpu);
  const collections = await scavenges.stop();
  app.stop();
  await running;
  return { rate: packets / ms / 1000, cpu: packets / (user + system), collections };
}
