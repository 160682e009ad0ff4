import { expect, it } from 'vitest';
import { KbuildModules } from '../../../../engine/base/kbuildModules';

/** Each variable holds 40 times the one before it. */
const BOMB = `A0 := x.o\n${[1, 2, 3, 4, 5, 6, 7].map((n) => `A${n} := ${`$(A${n - 1}) `.repeat(40)}\n`).join('')}obj-m := $(A7)\n`;

it('passes over a Kbuild file whose variables grow without end, says so once, and goes on with others', () => {
  const told: string[] = [];
  const modules = new KbuildModules((message) => told.push(message));
  expect(modules.of('/w/bomb/Kbuild', BOMB)).toEqual([]);
  expect(modules.of('/w/good/Kbuild', 'obj-m := a.o\n')).toEqual([{ name: 'a', objects: ['a.o'] }]);
  expect(modules.of('/w/bomb/Kbuild', BOMB)).toEqual([]);
  expect(told).toEqual([
    'The modules of /w/bomb/Kbuild are not listed: The variables of the Kbuild file make more than 4000000 characters.',
  ]);
});
