import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { HOST } from './servers';

/** Milliseconds of data that a slow line holds before its sender waits. */
const HELD_MS = 50;

interface Line {
  /** The round trip, milliseconds. */
  readonly away: number;
  /** Bytes a millisecond each way; without it as fast as it comes. */
  readonly rate?: number;
}

/** Passes connections on to a port as a line does that is long, and slow if told. */
export async function openRelay(
  port: number,
  { away, rate = Infinity }: Line,
): Promise<{ port: number; close: () => void }> {
  const sockets = new Set<Socket>();
  const pass = (from: Socket, to: Socket): void => {
    const waiting: (() => void)[] = [];
    let free = 0;
    const later = (task: () => void, bytes: number): void => {
      const now = performance.now();
      free = Math.max(now, free) + bytes / rate;
      waiting.push(task);
      // Timers of different lengths need not end in their order: each passes on what is the first by then.
      setTimeout(() => waiting.shift()?.(), free - now + away / 2);
      if (free - now > HELD_MS) {
        from.pause();
        setTimeout(() => from.resume(), free - now - HELD_MS / 2);
      }
    };
    sockets.add(from);
    from.on('data', (chunk) => later(() => to.write(chunk), chunk.length));
    from.on('end', () => later(() => to.end(), 0));
    from.on('error', () => to.destroy()).on('close', () => sockets.delete(from));
  };
  const relay = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    const server = connect({ host: HOST, port, noDelay: true, allowHalfOpen: true });
    pass(client, server);
    pass(server, client);
  });
  await new Promise<void>((resolve) => {
    relay.listen(0, HOST, resolve);
  });
  return {
    port: (relay.address() as AddressInfo).port,
    close: () => {
      sockets.forEach((socket) => socket.destroy());
      relay.close();
    },
  };
}
