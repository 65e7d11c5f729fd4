import type { Child } from '../child';
import type { Conditions, Measurement } from '../benchmark';
import type { Session } from '../session';

/**
 * How many packets come out of two pipes of a switch port between which somebody deals them out.
 *
 * @param start starts that somebody on the port of this name
 */
export async function measureDealing(
  conditions: Conditions,
  session: Session,
  start: (port: string) => Child,
): Promise<Measurement> {
  const { a, b } = session.names('vale');
  const middle = start(b);
  await session.portExists(`${b}{1`);
  const ends = session.program('deal-ends', { ...conditions, a, b });
  const result = await ends.message('result');
  await ends.end();
  await middle.stop();
  return result;
}
