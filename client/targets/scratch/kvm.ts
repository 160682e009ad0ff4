import { access, rm, writeFile } from 'node:fs/promises';
import { release } from 'node:os';
import { join } from 'node:path';

/** A proof holds for one kernel of this machine: /dev/kvm exists on machines on which no guest starts. */
const proofFile = (cacheDirectory: string): string => join(cacheDirectory, `kvm-works-on-${release()}`);

/** True when a guest was seen to start on KVM here. */
export function kvmIsProven(cacheDirectory: string): Promise<boolean> {
  return access(proofFile(cacheDirectory)).then(
    () => true,
    () => false,
  );
}

/** Remembers whether a guest started on KVM. */
export async function recordKvm(cacheDirectory: string, works: boolean): Promise<void> {
  if (works) {
    await writeFile(proofFile(cacheDirectory), '');
  } else {
    await rm(proofFile(cacheDirectory), { force: true });
  }
}
