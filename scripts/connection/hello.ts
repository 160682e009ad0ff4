import { findKernelBuildDirectory } from '../../client/build/kernelBuildDirectory';
import { runBuild } from '../../client/build/runBuild';
import { findKernel } from '../../client/targets/scratch/findKernel';
import { HELLO } from '../places';

/** Builds the sample module for the kernel that the scratch kernel is. */
export async function buildHello(): Promise<void> {
  const { release } = await findKernel();
  const kernelDirectory = await findKernelBuildDirectory({ targetRelease: release });
  await runBuild(
    { directory: HELLO, kernelDirectory, target: 'modules' },
    { signal: new AbortController().signal, onLine: () => undefined },
  );
}
