import { beforeAll, expect, it } from 'vitest';
import { EXTENSION } from './session';
import { useWorkbench } from './useWorkbench';

// The module `dummy` is in every distribution's kernel package; so is modinfo's text about its parameter.
const CONFIG = `# Two dummy interfaces at boot
options dummy numdummies=2
optoins dummy numdummies=4
options dummy 
`;

const workbench = useWorkbench({
  files: { 'modprobe.d/dummy.conf': CONFIG },
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
  expect(await workbench().hover('options dummy numdummies=2', 'numdummies')).toContain(
    'Number of dummy pseudo devices',
  );
  await workbench().screenshot('conf-hover');
});

it('completes the parameters of the module that the line names', async () => {
  await workbench().goTo(4, 15);
  await workbench().suggest();
  await workbench().suggestion('numdummies').waitFor();
  await workbench().screenshot('conf-completion');
  await workbench().press('Enter');
  await workbench().line('options dummy numdummies').nth(1).waitFor();
});

it('explains what modprobe would do, from the lens above a line', async () => {
  await workbench().codeLens('Explain modprobe dummy').first().click();
  await workbench().webview('h1').waitFor();
  expect(await workbench().webview('h1').innerText()).toBe('modprobe dummy');
  expect(await workbench().webview('body').innerText()).toMatch(/Insert dummy from .*dummy\.ko/);
  await workbench().screenshot('conf-explanation');
});
