import { connect, createServer, type Socket } from 'node:net';
import type { Cleanup } from './machine';

/** Passes bytes on, as `pass` says for each piece on its way to the server. */
export async function relay(
  cleanup: Cleanup,
  to: number,
  pass: (chunk: Buffer, send: () => void, client: Socket) => void,
): Promise<number> {
  const server = createServer((client) => {
    const upstream = connect({ port: to, host: '127.0.0.1', noDelay: true });
    upstream.on('error', () => client.destroy()).on('close', () => client.destroy());
    client.on('error', () => upstream.destroy()).on('close', () => upstream.destroy());
    upstream.pipe(client);
    client.on('data', (chunk: Buffer) => {
      client.pause();
      pass(chunk, () => upstream.write(chunk, () => client.resume()), client);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  cleanup.add(() => void server.close());
  return (server.address() as { port: number }).port;
}

/** A line to a server that can be cut, or on which nothing passes any more and nobody is told. */
export async function line(
  cleanup: Cleanup,
  to: number,
): Promise<{ port: number; cut(): void; silence(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect({ port: to, host: '127.0.0.1', noDelay: true });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const cut = (): void => sockets.forEach((socket) => socket.destroy());
  cleanup.add(() => {
    cut();
    server.close();
  });
  return {
    port: (server.address() as { port: number }).port,
    cut,
    silence: () => sockets.forEach((socket) => void socket.unpipe().pause()),
  };
}

/** A wire that breaks once it has carried so many more bytes to the server; whole until it is told. */
export async function relayThatCuts(
  cleanup: Cleanup,
  to: number,
): Promise<{ port: number; cutAfter(bytes: number): void; mend(): void }> {
  let budget = Infinity;
  const port = await relay(cleanup, to, (chunk, send, client) => {
    budget -= chunk.length;
    if (budget < 0) {
      client.destroy();
    } else {
      send();
    }
  });
  return {
    port,
    cutAfter: (bytes) => {
      budget = bytes;
    },
    mend: () => {
      budget = Infinity;
    },
  };
}
