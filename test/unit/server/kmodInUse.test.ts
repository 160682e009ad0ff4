import { describe, expect, it } from 'vitest';
import { NEWEST_KMOD } from '../../../kmod/config/versions';
import { KmodInUse } from '../../../server/kmodInUse';

/** Settled when all is told that was asked. */
const answered = () => new Promise((resolve) => setImmediate(resolve));

function machine(installed: number | undefined) {
  let asked = 0;
  let changes = 0;
  const kmod = new KmodInUse(() => {
    asked++;
    return Promise.resolve(installed);
  });
  kmod.onDidChange(() => changes++);
  return { kmod, asked: () => asked, changes: () => changes };
}

describe('the kmod that reads the files', () => {
  it('is the newest until that of this machine has answered', async () => {
    const { kmod, changes } = machine(30);
    kmod.set({});
    expect(kmod.current).toBe(NEWEST_KMOD);
    await answered();
    expect(kmod.current).toBe(30);
    expect(changes()).toBe(1);
  });

  it('is the newest where this machine has none', async () => {
    const { kmod, changes } = machine(undefined);
    kmod.set({});
    await answered();
    expect(kmod.current).toBe(NEWEST_KMOD);
    expect(changes()).toBe(0);
  });

  it('is that of the connected target, and of this machine again when it is gone', async () => {
    const { kmod } = machine(30);
    kmod.set({});
    await answered();
    kmod.set({ target: 'kmod version 28' });
    expect(kmod.current).toBe(28);
    kmod.set({ target: undefined });
    expect(kmod.current).toBe(30);
  });

  it.each(['BusyBox v1.35.0 (Debian 1:1.35.0-4+b7)', ''])(
    'is the newest for a target whose tools say %j',
    async (target) => {
      const { kmod } = machine(30);
      kmod.set({ target });
      await answered();
      expect(kmod.current).toBe(NEWEST_KMOD);
    },
  );

  it('is that of the settings, whatever else there is', () => {
    const { kmod } = machine(30);
    kmod.set({ configured: 12, target: 'kmod version 28' });
    expect(kmod.current).toBe(12);
  });

  it('is not that of this machine for the files of another system', async () => {
    const { kmod, asked } = machine(30);
    kmod.set({ sysroot: '/srv/board' });
    await answered();
    expect(kmod.current).toBe(NEWEST_KMOD);
    expect(asked()).toBe(0);
  });
});
