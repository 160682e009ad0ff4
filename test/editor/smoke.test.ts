import { expect, it } from 'vitest';
import { EXTENSION } from './session';
import { useWorkbench } from './useWorkbench';

const workbench = useWorkbench({ samples: ['hello'], developmentExtension: EXTENSION });

it('shows the two views of Kernel Modules', async () => {
  await workbench().openContainer('Kernel Modules');
  await workbench().view('Targets').waitFor();
  await workbench().row('Targets', 'scratch').waitFor();
  expect(await workbench().rows('Loaded Modules')).toEqual([]);
  await workbench().screenshot('welcome');
});

it('offers the scratch kernel while nothing is connected', async () => {
  await workbench().welcomeButton('Loaded Modules', 'Start a Scratch Kernel').waitFor();
});
