import { beforeAll, expect, it } from 'vitest';
import { EXTENSION } from './session';
import { useWorkbench } from './useWorkbench';

// The module `dummy` is in every distribution's kernel package; so is modinfo's text about its parameter.
const CONFIG = `# Two dummy interfaces at boot
options dummy numdummies=2
optoins dummy numdummies=4
options dummy 
`;

const ALIASES = `alias internal0 dummy
options internal0 numdummies=1
options dummy numdummies=3
`;

const workbench = useWorkbench({
  files: { 'modprobe.d/dummy.conf': CONFIG, 'modprobe.d/aliases.conf': ALIASES },
  developmentExtension: EXTENSION,
});

beforeAll(() => workbench().openFile('modprobe.d/dummy.conf'));

it('marks the line that kmod drops, and lists it in Problems', async () => {
  await workbench().openProblems();
  const problem = workbench().problem('optoins');
  await problem.waitFor();
  expect(await problem.innerText()).toContain('Ln 3');
  await workbench().screenshot('conf-diagnostic');
});

it('explains the parameter under the mouse', async () => {
  await workbench().editor.hover(
    'options dummy numdummies=2',
    'numdummies',
    'Number of dummy pseudo devices',
  );
  await workbench().screenshot('conf-hover');
});

it('completes the parameters of the module that the line names', async () => {
  await workbench().editor.goTo(4, 15);
  await workbench().editor.suggest();
  await workbench().editor.suggestion('numdummies').waitFor();
  await workbench().screenshot('conf-completion');
  await workbench().press('Enter');
  await workbench().editor.line('options dummy numdummies').nth(1).waitFor();
});

it('explains what modprobe would do, from the lens above a line', async () => {
  await workbench().editor.codeLens('Explain modprobe dummy').first().click();
  await expect.poll(() => workbench().webview('h1').innerText()).toBe('modprobe dummy');
  expect(await workbench().webview('body').innerText()).toMatch(/Insert dummy from .*dummy\.ko/);
  await workbench().screenshot('conf-explanation');
});

it('tells type and description of the parameter whose value is typed', async () => {
  await workbench().openFile('modprobe.d/dummy.conf');
  await workbench().editor.goTo(2, 26);
  expect(await workbench().editor.signature()).toMatch(/numdummies=.*int.*Number of dummy pseudo devices/);
  await workbench().screenshot('conf-signature');
  await workbench().press('Escape');
});

it('names the module of an alias, and the line that overrides an option, beside the words', async () => {
  await workbench().openFile('modprobe.d/aliases.conf');
  await workbench().editor.line('→ dummy').waitFor();
  await workbench().editor.line('overridden by').waitFor();
  await workbench().screenshot('conf-inlay-hints');
});

it('mends the line that kmod drops by its quick fix', async () => {
  await workbench().openFile('modprobe.d/dummy.conf');
  await workbench().editor.goTo(3, 3);
  await workbench().editor.quickFix(/options/);
  await workbench().screenshot('conf-quick-fix');
  await workbench().press('Enter');
  await workbench().editor.line('options dummy numdummies=4').waitFor();
});
