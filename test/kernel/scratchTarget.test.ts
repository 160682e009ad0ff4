import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ConnectError } from '../../client/targets/errors';
import { bundleScript } from '../bundleScript';
import { CACHE, openScratch, useDirectory } from './scratch';

const directory = useDirectory();
const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}/exe`);

describe('the scratch kernel', () => {
  const path = process.env['PATH'];
  afterEach(() => {
    process.env['PATH'] = path;
  });

  it('is the distribution’s own, with every module of it', async () => {
    const target = await openScratch();
    try {
      const { stdout } = await target.run([
        'sh',
        '-c',
        'uname -r; find /lib/modules -name "*.ko*" | wc -l; modinfo -F license tun',
      ]);
      const [release = '', count, license] = stdout.toString().trim().split('\n');
      const here = execFileSync('find', [`/lib/modules/${release}/`, '-name', '*.ko*'], { encoding: 'utf8' });
      expect(Number(count)).toBe(here.trim().split('\n').length);
      expect(license).toBe('GPL');
    } finally {
      await target.dispose();
    }
    expect(isAlive(target.machine.pid)).toBe(false);
  });

  it('runs in a QEMU that may start no program and get no rights', async () => {
    const target = await openScratch();
    try {
      const status = readFileSync(`/proc/${target.machine.pid}/status`, 'utf8');
      expect(status).toMatch(/^Seccomp:\t2$/m);
      expect(status).toMatch(/^NoNewPrivs:\t1$/m);
    } finally {
      await target.dispose();
    }
  });

  it('starts where QEMU has no sandbox', async () => {
    const qemu = execFileSync('sh', ['-c', 'command -v qemu-system-x86_64'], { encoding: 'utf8' }).trim();
    writeFileSync(
      join(directory, 'qemu-system-x86_64'),
      `#!/bin/sh
       case " $* " in *" -sandbox "*)
         echo 'qemu-system-x86_64: -sandbox on: seccomp support is disabled' >&2; exit 1;;
       esac
       exec ${qemu} "$@"`,
      { mode: 0o755 },
    );
    process.env['PATH'] = `${directory}:${path}`;
    const target = await openScratch();
    expect(readFileSync(`/proc/${target.machine.pid}/status`, 'utf8')).toMatch(/^Seccomp:\t0$/m);
    await target.dispose();
    rmSync(join(directory, 'qemu-system-x86_64'));
  });

  it('reaches neither this machine nor the network', async () => {
    let reached = 0;
    const server = createServer(() => (reached += 1));
    await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
    const { port } = server.address() as AddressInfo;
    const target = await openScratch();
    const connects = async (host: string, to: number): Promise<boolean> =>
      (await target.run(['sh', '-c', `nc -w 3 ${host} ${to} </dev/null; echo $?`])).stdout
        .toString()
        .trim()
        .endsWith('0');
    try {
      expect(await connects('127.0.0.1', 22)).toBe(true);
      for (const host of ['10.0.2.2', '10.0.2.3', '192.0.2.1']) {
        expect(await connects(host, port)).toBe(false);
      }
      expect(reached).toBe(0);
    } finally {
      await target.dispose();
      server.close();
    }
  });

  it('keeps its keys to its owner', async () => {
    const target = await openScratch();
    await target.dispose();
    for (const name of ['id_ed25519', 'host_key']) {
      expect(statSync(join(CACHE, 'keys', name)).mode & 0o777).toBe(0o600);
    }
  });

  it('ends when its owner is killed', async () => {
    const bundle = bundleScript(
      directory,
      'owner',
      `import { openScratchTarget } from ${JSON.stringify(join(__dirname, '../../client/targets/scratchTarget'))};
       openScratchTarget({ name: 'scratch', cacheDirectory: ${JSON.stringify(CACHE)} }).then((target) => {
         console.log(target.machine.pid);
       });`,
    );
    const owner = spawn(process.execPath, [bundle], { stdio: ['ignore', 'pipe', 'inherit'] });
    const pid = await new Promise<number>((resolve) => {
      owner.stdout.once('data', (chunk: Buffer) => resolve(Number(chunk.toString())));
    });
    expect(isAlive(pid)).toBe(true);

    owner.kill('SIGKILL');
    await new Promise((resolve) => owner.once('exit', resolve));

    await expect.poll(() => isAlive(pid)).toBe(false);
  });

  it('names the packages that are missing', async () => {
    // Programs of sbin are found without a PATH; on Debian the others are not.
    process.env['PATH'] = directory;

    const error: unknown = await openScratch({ cacheDirectory: join(directory, 'empty') }).catch(
      (reason: unknown) => reason,
    );

    expect(error).toBeInstanceOf(ConnectError);
    expect(error).toMatchObject({ kind: 'start' });
    expect((error as Error).message).toMatch(
      /ssh-keygen \(the key to log in with\).*sudo apt install openssh-client/,
    );
  });

  it('names QEMU’s package when that alone is missing', async () => {
    await (await openScratch()).dispose();
    const tools = join(directory, 'tools');
    mkdirSync(tools);
    for (const name of ['busybox', 'dropbear', 'scp', 'kmod', 'setpriv', 'ldd', 'sh', 'cat']) {
      const file = execFileSync('sh', ['-c', `PATH=$PATH:/usr/sbin:/sbin command -v ${name}`], {
        encoding: 'utf8',
      }).trim();
      writeFileSync(join(tools, name), `#!/bin/sh\nexec ${file} "$@"\n`, { mode: 0o755 });
    }
    process.env['PATH'] = tools;

    await expect(openScratch()).rejects.toThrow(
      'the scratch kernel needs qemu-system-x86_64 (the virtual machine). Install: sudo apt install qemu-system-x86',
    );
  });

  it('says which releases there are when the one that is asked for is not', async () => {
    await expect(openScratch({ release: '1.2.3-none' })).rejects.toThrow(
      'the kernel 1.2.3-none is not installed',
    );
  });

  it('does not start with what QEMU refuses, and leaves nothing running', async () => {
    await expect(openScratch({ qemuArguments: ['-device', 'no-such-device'] })).rejects.toThrow(
      "'no-such-device' is not a valid device model name",
    );
  });

  it('keeps the console of a kernel that does not come up', async () => {
    const error: unknown = await openScratch({
      name: 'nowhere',
      kernelArguments: ['rdinit=/nowhere', 'root=/dev/none'],
    }).catch((reason: unknown) => reason);

    expect((error as Error).message).toContain('Kernel panic');
    expect(readFileSync(join(CACHE, 'console-nowhere.log'), 'utf8')).toContain('Kernel panic');
  });

  it('is given up when its start is cancelled', async () => {
    const controller = new AbortController();
    const reason = new Error('cancelled by the test');
    const opening = openScratch({
      signal: controller.signal,
      step: (text) => {
        if (text.startsWith('starting')) {
          setTimeout(() => controller.abort(reason), 500);
        }
      },
    });

    await expect(opening).rejects.toBe(reason);
  });

  it('has the devices that QEMU is told to add', async () => {
    const target = await openScratch({
      qemuArguments: ['-device', 'virtio-rng-pci,id=extra,disable-legacy=on'],
    });
    try {
      const { stdout } = await target.run(['sh', '-c', 'cat /sys/bus/pci/devices/*/device']);
      expect(stdout.toString().split('\n')).toContain('0x1044');
    } finally {
      await target.dispose();
    }
  });
});
