import { readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { release } from 'node:os';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseKernel } from '../../client/targets/scratch/chooseKernel';
import { ensureDebianRoot } from '../../client/targets/scratch/debian';
import { findKernel } from '../../client/targets/scratch/findKernel';
import { CACHE, never } from '../kernel/scratch';
import { freePort } from '../ssh/machine';
import { installPackage } from './installPackage';
import { useWorkbench } from './useWorkbench';

const onDebian = /^ID=debian$/m.test(readFileSync('/etc/os-release', 'utf8'));

/** What a board prints while it starts, for whoever looks. */
const terminalServer = createServer((socket) => {
  socket.write('U-Boot 2024.01\r\n[    0.000000] Linux version 6.9.0 (gcc)\r\n');
});
await new Promise<void>((resolve) => terminalServer.listen(0, '127.0.0.1', resolve));
afterAll(() => void terminalServer.close());

const targets: object[] = [
  {
    name: 'board',
    host: '127.0.0.1',
    port: await freePort(),
    serialConsole: { host: '127.0.0.1', port: (terminalServer.address() as AddressInfo).port },
  },
];
if (onDebian) {
  const fetching = { cacheDirectory: CACHE, step: () => undefined, signal: never };
  const { image } = await chooseKernel({ architecture: 'arm64' }, fetching);
  const rootDirectory = await ensureDebianRoot('arm64', fetching);
  targets.push({ name: 'arm', kind: 'scratch', kernelImage: image, rootDirectory });
}

const workbench = useWorkbench({
  samples: ['hello'],
  settings: {
    'kmod.targets': targets,
    'kmod.kernelLog.reveal': 'never',
    // Else the terminal is drawn, and no text on the page.
    'terminal.integrated.gpuAcceleration': 'off',
  },
  // From the package: an editor with a development extension shows no modal question.
  prepare: installPackage,
});

const rowOf = async (name: string): Promise<string> =>
  (await workbench().rows('Targets')).find((row) => row.startsWith(`${name} `)) ?? '';

beforeAll(async () => {
  await workbench().openContainer('Kernel Modules');
  await workbench().widenSideBar(500);
});

describe('a serial console of a board', () => {
  it('is read in a terminal, whether the board answers or not', async () => {
    await workbench().contextMenu(workbench().row('Targets', 'board'), 'Open Serial Console');
    await expect.poll(() => workbench().terminal()).toContain('Linux version 6.9.0');
    await expect.poll(() => workbench().terminal()).toContain('U-Boot 2024.01');
    await workbench().screenshot('serial-console');
  });
});

describe.runIf(onDebian)('a scratch kernel for arm64', () => {
  it('gets a module that is cross-built for it', async () => {
    await workbench().rowAction(workbench().row('Targets', 'arm'), 'Connect');
    await expect.poll(() => rowOf('arm')).toMatch(/^arm active · 6\.\S+-arm64 /);

    await workbench().command('Kernel Modules: Load Module…');
    await workbench().quickPick('hello').click();

    await workbench().row('Loaded Modules', 'hello').waitFor();
    await workbench().screenshot('arm64');
  });

  it('has a shell on its console', async () => {
    await workbench().contextMenu(workbench().row('Targets', 'arm'), 'Open Serial Console');
    await expect.poll(() => workbench().terminal()).toContain('Please press Enter');
    await workbench().typeInTerminal('');
    await expect.poll(() => workbench().terminal()).toMatch(/# ?$/m);
    await workbench().typeInTerminal('uname -m');
    await expect.poll(() => workbench().terminal()).toMatch(/^aarch64$/m);
    await workbench().rowAction(workbench().row('Targets', 'arm'), 'Disconnect');
    await expect.poll(() => workbench().terminal()).toContain('[closed: ');
  });
});

describe('a scratch kernel of an image', () => {
  it('is added by its file, named after its release, and started', async () => {
    const kernel = await findKernel();
    await workbench().command('Kernel Modules: Add Scratch Kernel…');
    await workbench().quickPick('A kernel image…').click();
    await workbench().pickFile('Kernel Image', kernel.image);
    await expect.poll(() => workbench().quickInput.inputValue()).toBe(kernel.release);
    await workbench().screenshot('add-scratch-kernel');
    await workbench().press('Enter');
    await expect.poll(() => rowOf(kernel.release)).toMatch(/ active · .* up /);
    await workbench().rowAction(workbench().row('Targets', kernel.release), 'Disconnect');
  });
});

describe('this computer', () => {
  it('is a target that is read without a question', async () => {
    await workbench().command('Kernel Modules: Use This Computer as Target');
    await expect.poll(() => rowOf('this computer')).toContain(`this computer active · ${release()} · up `);
    await workbench().screenshot('this-computer');
  });
});
