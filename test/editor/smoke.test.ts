import { afterAll, beforeAll, expect, it } from 'vitest';
import { openSession, PROJECT, type Session } from './session';
import { Workbench } from './workbench';

let session: Session;
let workbench: Workbench;

beforeAll(async () => {
  session = await openSession({ samples: ['hello'], developmentExtension: PROJECT });
  workbench = await Workbench.ready(session.page);
});

afterAll(() => session.close());

it('shows the two views of Kernel Modules', async () => {
  await workbench.openContainer('Kernel Modules');
  await workbench.view('Targets').waitFor();
  await workbench.row('Targets', 'scratch').waitFor();
  expect(await workbench.rows('Loaded Modules')).toEqual([]);
  await workbench.screenshot('welcome');
});

it('offers the scratch kernel while nothing is connected', async () => {
  expect(await workbench.welcomeButton('Loaded Modules', 'Start a Scratch Kernel').isVisible()).toBe(true);
});
