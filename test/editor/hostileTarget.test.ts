import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Cleanup } from '../ssh/machine';
import { ownSsh } from './ownSsh';
import { inGuest } from './scratchGuest';
import { EXTENSION } from './session';
import { useWorkbench } from './useWorkbench';

const IMAGE = '<img src=x onerror=alert(1)>';
const LINK = '[click](command:workbench.action.closeWindow)';
/** What Markdown makes links of without being told. */
const ADDRESSES =
  '<command:workbench.action.closeWindow> https://evil.example www.evil.example evil@evil.example';
const WORDS = `${IMAGE} ${LINK} **bold** ${ADDRESSES}`;
/** What would be there if any of it were more than text. */
const RENDERED =
  'img[onerror], img[src="x"], a[href*="evil.example"], a[data-href*="evil.example"], a[href*="closeWindow"], a[data-href*="closeWindow"], button[onclick*="closeWindow"]';

const cleanup = new Cleanup();
const { env } = ownSsh(cleanup, ['Host evil', `  ProxyCommand echo '${WORDS}' >&2; exit 1`]);

const workbench = useWorkbench({
  samples: ['hello'],
  settings: {
    'kmod.kernelLog.reveal': 'never',
    'kmod.targets': [{ name: 'evil', host: 'evil' }],
  },
  env,
  developmentExtension: EXTENSION,
});

/** Runs a script in the guest, in which "$1" are the hostile words. */
const guest = (script: string): string => {
  const words = Buffer.from(WORDS).toString('base64');
  return inGuest(workbench().workspace, `set -- "$(echo ${words} | base64 -d)"; ${script}`);
};

beforeAll(async () => {
  await workbench().openContainer('Kernel Modules');
  await workbench().widenSideBar(640);
  await workbench().pressWelcomeButton('Loaded Modules', 'Start a Scratch Kernel');
  await workbench().row('Loaded Modules', 'virtio_net').waitFor();
});
afterAll(() => cleanup.run());
afterEach(async () => {
  expect(await workbench().count(RENDERED)).toBe(0);
});

it('is told in its own words, which are text, when its insmod fails', async () => {
  guest(`{ echo '#!/bin/sh'; echo 'cat /run/words >&2; exit 1'; } > /run/kmod; echo "$1" > /run/words
    chmod 755 /run/kmod; mount --bind /run/kmod /bin/kmod`);
  await workbench().command('Kernel Modules: Load Module…');
  await workbench().quickPick('hello').click();
  const message = await (await workbench().told('hello: ')).innerText();
  await workbench().screenshot('hostile-tool');
  expect(message).toContain(IMAGE);
  expect(message).toContain('[click] (command:workbench.action.closeWindow)');
  guest('umount /bin/kmod');
});

it('shows the values of its parameters as text', async () => {
  guest('echo "$1" > /run/napi; mount --bind /run/napi /sys/module/virtio_net/parameters/napi_tx');
  await workbench().command('Kernel Modules: Refresh');
  await workbench().expand(workbench().row('Loaded Modules', 'virtio_net'));
  await expect
    .poll(() => workbench().rows('Loaded Modules'))
    .toContainEqual(expect.stringContaining(`= ${WORDS}`));
  expect(await workbench().tooltip(workbench().row('Loaded Modules', 'napi_tx'))).toContain(WORDS);
  await workbench().screenshot('hostile-parameter');
});

it('shows the names of its installed modules as text', async () => {
  guest(`cd "/lib/modules/$(uname -r)"; printf 'kernel/%s.ko:\\nkernel/%s.ko:\\n' "$1" '../../x' > /run/dep
    mount --bind /run/dep modules.dep`);
  await workbench().unfold('Targets', false);
  await workbench().unfold('Loaded Modules', false);
  await workbench().unfold('Available Modules');
  await workbench().command('Kernel Modules: Refresh Available Modules');
  await expect
    .poll(() => workbench().rows('Available Modules'))
    .toContainEqual(expect.stringContaining(IMAGE));
  const row = workbench().row('Available Modules', /<img/);
  // In modules.dep a name goes up to a colon.
  expect(await workbench().tooltip(row)).toContain(`${WORDS.split(':')[0]} of scratch`);
  await workbench().screenshot('hostile-available');
});

it('explains its configuration as text', async () => {
  guest(
    'mkdir -p /etc/modprobe.d; printf "alias odd %s\\noptions odd p=%s\\n" "$1" "$1" > /etc/modprobe.d/odd.conf',
  );
  await workbench().command('Kernel Modules: Explain modprobe NAME…');
  await workbench().answer('odd');
  await workbench().webview('h1').waitFor();
  expect(await workbench().webview('body').innerText()).toContain('<img');
  await workbench().screenshot('hostile-explained');
});

it('tells in text why it is not reached', async () => {
  await workbench().unfold('Targets');
  const evil = workbench().row('Targets', 'evil');
  await workbench().rowAction(evil, 'Connect');
  await expect
    .poll(() => workbench().rows('Targets'))
    .toContainEqual(expect.stringMatching(/^evil active · not reached/));
  expect(await workbench().tooltip(evil)).toContain(`(the proxy said: ${WORDS})`);
  await workbench().screenshot('hostile-target');
});
