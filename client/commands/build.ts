import { pickBuildDirectory } from './pickModule';
import type { Services } from './services';

export async function build({ tasks }: Services, clicked: unknown): Promise<void> {
  await tasks.run(await pickBuildDirectory(clicked, 'Build Module'), 'modules');
}

export async function clean({ tasks }: Services, clicked: unknown): Promise<void> {
  await tasks.run(await pickBuildDirectory(clicked, 'Clean Module'), 'clean');
}
