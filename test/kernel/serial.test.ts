import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { followKernelLog } from '../../client/kernel/kernelLog';
import { loadModule } from '../../client/kernel/loadModule';
import { LogMerge } from '../../client/kernel/logMerge';
import { SerialConsole } from '../../client/targets/serial/serialConsole';
import { SerialConsoles } from '../../client/targets/serial/serialConsoles';
import { followSerialPort } from '../../client/targets/serial/serialPort';
import { freePort } from '../ssh/machine';
import { boardOn, buildModules, never, openScratch, useDirectory, whenBoard } from './scratch';
import { whenSerial as when } from '../whenSerial';

const directory = useDirectory();

describe('a serial console on a terminal of this machine', () => {
  const [near, far] = [join(directory, 'near'), join(directory, 'far')];
  let cable: ChildProcess | undefined;
  afterEach(() => cable?.kill());

  async function plug(): Promise<void> {
    cable = spawn('socat', [`pty,raw,echo=0,link=${near}`, `pty,raw,echo=0,link=${far}`], {
      stdio: 'inherit',
    });
    await expect.poll(() => existsSync(near) && existsSync(far)).toBe(true);
  }

  async function unplug(): Promise<void> {
    const ended = new Promise((resolve) => cable?.once('exit', resolve));
    cable?.kill();
    await ended;
  }

  it('is read and typed on, told when it is unplugged, and read again when it is back', async () => {
    const stop = new AbortController();
    const serial = new SerialConsole();
    await plug();
    const following = followSerialPort({ device: near, baudRate: 9600 }, serial, {
      signal: stop.signal,
      delays: [50],
    });
    await when(serial, () => serial.state.kind === 'open');
    writeFileSync(far, 'U-Boot SPL\r\n');
    await when(serial, () => serial.text.includes('U-Boot SPL\r\n'));

    const typed = promisify(execFile)('head', ['-c', '9', far]);
    serial.send('printenv\r');
    expect((await typed).stdout).toBe('printenv\r');

    await unplug();
    await when(serial, () => serial.state.kind === 'waiting');
    await plug();
    await when(serial, () => serial.state.kind === 'open');
    writeFileSync(far, 'again');
    await when(serial, () => serial.text.endsWith('again'));

    stop.abort();
    await following;
    expect(serial.state.kind).toBe('closed');
  });

  it('is not shared with another program, which would get half of it', async () => {
    const stop = new AbortController();
    await plug();
    const [first, second] = [new SerialConsole(), new SerialConsole()];
    const following = [first, second].map((serial) =>
      followSerialPort({ device: near }, serial, { signal: stop.signal, delays: [60_000] }),
    );
    await when(first, () => first.state.kind !== 'closed');
    await when(second, () => second.state.kind !== 'closed');

    expect([first.state, second.state]).toContainEqual({ kind: 'open' });
    expect([first.state, second.state]).toContainEqual({
      kind: 'waiting',
      reason: `another program uses ${near}`,
    });
    stop.abort();
    await Promise.all(following);
  });
});

describe('the serial console of a board', () => {
  it('tells over TCP what the kernel said in its end, and SSH did not deliver', async () => {
    const { panicking = '' } = await buildModules(
      { panicking: { init: 'msleep(300); panic("told to by the test"); return 0;' } },
      directory,
    );
    const wire = new SerialConsole();
    const machine = await openScratch({ serial: wire, kernelArguments: ['panic=5'] });
    const { port, close } = await terminalServer(wire);
    const manager = await boardOn(machine.machine.port, {
      delays: [60_000],
      serialConsole: { host: '127.0.0.1', port },
    });
    const consoles = new SerialConsoles(manager);
    try {
      const serial = consoles.of('board') ?? new SerialConsole();
      const { target, facts } = await manager.connect('board');
      await when(serial, () => serial.state.kind === 'open');
      const merge = new LogMerge(false);
      merge.connect();
      consoles.onLine((_, line) => expect(merge.fromConsole(line)).toBeUndefined());
      const delivered: string[] = [];
      const followed = followKernelLog(target, {
        signal: never,
        onRecord: ({ microseconds, text }) => {
          delivered.push(text);
          merge.fromConnection(`[${(microseconds / 1e6).toFixed(6).padStart(12)}] ${text}`);
        },
      }).catch((error: unknown) => error);

      const loading = loadModule({ target, facts, file: panicking, parameters: [] }, never).catch(
        (error: unknown) => error,
      );
      await whenBoard(manager, 'lost');
      await Promise.all([loading, followed]);
      await when(serial, () => serial.text.includes('Rebooting in'));
      merge.disconnect();

      const told = merge.release().join('\n');
      expect(told).toContain('Kernel panic - not syncing: told to by the test');
      expect(told).toMatch(/Call Trace:[^]*start\+0x[0-9a-f]+\/0x[0-9a-f]+ \[panicking\]/);
      expect(delivered.join('\n')).not.toContain('Kernel panic');
      await manager.disconnect('board');
      await when(serial, () => serial.state.kind === 'closed');
    } finally {
      consoles.dispose();
      await manager.dispose();
      close();
      await machine.dispose();
    }
  });
});

it('a terminal server that speaks telnet, as QEMU does, is read and typed on', async () => {
  const port = await freePort();
  const qemu = spawn(
    'qemu-system-x86_64',
    ['-M', 'none', '-display', 'none', '-monitor', `telnet:127.0.0.1:${port},server=on,wait=off`],
    { stdio: 'inherit' },
  );
  const stop = new AbortController();
  const serial = new SerialConsole();
  const following = followSerialPort({ host: '127.0.0.1', port }, serial, {
    signal: stop.signal,
    delays: [50],
  });
  try {
    await when(serial, () => serial.text.endsWith('(qemu) '));
    expect(serial.text).toMatch(/^QEMU \d/);
    serial.send('info name\r');
    serial.send('info status\r');
    await when(serial, () => /VM status: \w+[^]*\(qemu\) $/.test(serial.text));
    expect(serial.text).not.toMatch(/\ufffd|\0|unknown command/);
  } finally {
    stop.abort();
    await following;
    qemu.kill();
  }
});

describe('the serial console of a scratch kernel', () => {
  it('shows its start, and has a shell', async () => {
    const serial = new SerialConsole();
    const states: string[] = [];
    serial.onDidChangeState(() => states.push(serial.state.kind));
    const target = await openScratch({ serial });
    try {
      expect(serial.text).toContain('scratch: ready');
      serial.send('\r');
      await when(serial, () => /# $/.test(serial.text));
      serial.send('echo $((6*7)) $0; tty\r');
      await when(serial, () => /\n42 -\/bin\/sh\r\n\/dev\/ttyS0\r\n/.test(serial.text));
    } finally {
      await target.dispose();
    }
    expect(states).toEqual(['open', 'closed']);
    expect(serial.state).toEqual({ kind: 'closed', reason: 'QEMU was ended by SIGKILL' });
  });
});

/** Offers a console over TCP, as ser2net does. */
async function terminalServer(wire: SerialConsole): Promise<{ port: number; close(): void }> {
  const server = createServer((socket) => {
    const data = wire.onData((text) => socket.write(text));
    socket.on('data', (typed) => wire.send(String(typed))).on('close', () => data.dispose());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}
