import type { Conditions, Peer } from '../benchmark';

/** Node's own UDP sockets on loopback, a process each. Frames are counted without their 42 bytes of headers. */
export function dgram(fits: (conditions: Conditions) => boolean): Peer {
  return {
    name: 'dgram on loopback',
    missing: () => undefined,
    fits,
    async measure({ frame = 60 }, session) {
      const receiver = session.program('dgram-receiver', {});
      const { port } = await receiver.message('ready');
      const sender = session.program('dgram-sender', { port, frame });
      const { rate } = await receiver.message('result');
      await Promise.all([sender.stop(), receiver.stop()]);
      return { rate };
    },
  };
}

export function dgramPingPong(fits: (conditions: Conditions) => boolean): Peer {
  return {
    name: 'dgram on loopback',
    missing: () => undefined,
    fits,
    async measure(_conditions, session) {
      const pong = session.program('dgram-pong', {});
      const { port } = await pong.message('ready');
      const ping = session.program('dgram-ping', { port });
      const result = await ping.message('result');
      await Promise.all([ping.stop(), pong.stop()]);
      return result;
    },
  };
}
