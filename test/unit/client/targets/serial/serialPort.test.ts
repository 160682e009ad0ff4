import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SerialConsole } from '../../../../../client/targets/serial/serialConsole';
import { describePlace, followSerialPort } from '../../../../../client/targets/serial/serialPort';
import { whenSerial as when } from '../../../../whenSerial';

let server: Server;
let sockets: Socket[];
let stop: AbortController;
beforeEach(() => {
  sockets = [];
  stop = new AbortController();
  server = createServer((socket) => sockets.push(socket));
});
afterEach(() => {
  stop.abort();
  sockets.forEach((socket) => socket.destroy());
  server.close();
});

const listen = (port = 0): Promise<number> =>
  new Promise((resolve) => {
    server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });

describe('a serial console over TCP', () => {
  it('is read and typed on, and opened again when the other end closed it', async () => {
    const port = await listen();
    const serial = new SerialConsole();
    const following = followSerialPort({ host: '127.0.0.1', port }, serial, {
      signal: stop.signal,
      delays: [10],
    });
    await when(serial, () => serial.state.kind === 'open');
    serial.send('root\r');
    const typed = await new Promise((resolve) => sockets[0]?.once('data', (data) => resolve(String(data))));
    expect(typed).toBe('root\r');

    const [first, second] = [Buffer.from('größe').subarray(0, 3), Buffer.from('größe').subarray(3)];
    sockets[0]?.write(first);
    await when(serial, () => serial.text.length > 0);
    sockets[0]?.write(second);
    await when(serial, () => serial.text === 'größe');
    sockets[0]?.destroy();
    await when(serial, () => serial.state.kind === 'waiting');
    expect(serial.state).toEqual({ kind: 'waiting', reason: 'the other end closed it' });
    await when(serial, () => serial.state.kind === 'open');

    stop.abort();
    await following;
    expect(serial.state).toEqual({ kind: 'closed' });
    expect(serial.text).toBe('größe');
  });

  it('says why it can not be read, and goes on trying', async () => {
    const port = await listen();
    await new Promise((resolve) => server.close(resolve));
    const serial = new SerialConsole();
    void followSerialPort({ host: '127.0.0.1', port }, serial, { signal: stop.signal, delays: [10] });
    await when(serial, () => serial.state.kind === 'waiting');
    expect(serial.state).toEqual({ kind: 'waiting', reason: 'connection refused' });

    await listen(port);
    await when(serial, () => serial.state.kind === 'open');
  });
});

describe('a serial device', () => {
  it.each([
    ['/nowhere/ttyUSB0', 'there is no /nowhere/ttyUSB0. Is the adapter plugged in?'],
    ['/dev/null', '/dev/null is no serial device'],
  ])('that can not be read is told: %s', async (device, reason) => {
    const serial = new SerialConsole();
    const following = followSerialPort({ device }, serial, { signal: stop.signal });
    await when(serial, () => serial.state.kind === 'waiting');
    expect(serial.state).toEqual({ kind: 'waiting', reason });
    stop.abort();
    await following;
  });

  it('is named with its speed', () => {
    expect(describePlace({ device: '/dev/ttyUSB0' })).toBe('/dev/ttyUSB0, 115200 baud');
    expect(describePlace({ host: 'ts', port: 4001 })).toBe('ts, port 4001');
  });
});
