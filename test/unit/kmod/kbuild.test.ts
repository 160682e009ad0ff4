import { describe, expect, it } from 'vitest';
import { BudgetError } from '../../../kmod/budget';
import { includesOfKbuild, kbuildModuleAt, modulesOfKbuild } from '../../../kmod/kbuild';

describe('the modules of a Kbuild file', () => {
  it.each([
    [
      'obj-m := a.o b.o\n',
      [
        { name: 'a', objects: ['a.o'] },
        { name: 'b', objects: ['b.o'] },
      ],
    ],
    [
      'obj-m := a.o\nobj-m += b.o # c.o\n',
      [
        { name: 'a', objects: ['a.o'] },
        { name: 'b', objects: ['b.o'] },
      ],
    ],
    ['obj-m := a.o\na-objs := x.o \\\n  y.o\n', [{ name: 'a', objects: ['x.o', 'y.o'] }]],
    [
      'obj-$(CONFIG_A) += a.o\na-y := x.o\na-$(CONFIG_B) += y.o\n',
      [{ name: 'a', objects: ['x.o', 'y.o'], conditional: true }],
    ],
    [
      'NAME := a\nobj-m := $(NAME).o\n$(NAME)-y := x.o\n$(NAME)-y += y.o\n',
      [{ name: 'a', objects: ['x.o', 'y.o'] }],
    ],
    ['NAME := a\nobj-m := $(NAME).o\n', [{ name: 'a', objects: ['a.o'] }]],
    ['obj-m := sub/\n', []],
    [
      'A = $(B)\nB = $(A)\nobj-m := $(A).o a.o\n',
      [
        { name: '', objects: ['.o'] },
        { name: 'a', objects: ['a.o'] },
      ],
    ],
    ['', []],
  ])('%j', (text, modules) => {
    expect(modulesOfKbuild(text)).toEqual(modules);
  });
});

it('finds where a Kbuild file has headers of its own', () => {
  const text = 'ccflags-y += -I$(src)/include -I $(srctree)/$(src)/../common -I/usr/include -I$(obj) -Wall';
  expect(includesOfKbuild(text)).toEqual(['include', '../common', '.']);
});

describe('the module at a place of a Kbuild file', () => {
  const at = (marked: string): string | undefined => {
    const offset = marked.indexOf('|');
    const text = marked.replace('|', '');
    const found = kbuildModuleAt(text, offset);
    return found && `${found.module.name} in ${text.slice(found.start, found.end)}`;
  };

  it.each([
    ['obj-m := he|llo.o\n', 'hello in hello.o'],
    ['obj-m := |hello.o\n', 'hello in hello.o'],
    ['obj-m += a.o b.o|\n', 'b in b.o'],
    ['obj-m+=he|llo.o\n', 'hello in hello.o'],
    ['obj-$(CONFIG_HELLO) += he|llo.o\n', 'hello in hello.o'],
    ['obj-m := a.o \\\n  b.|o\n', 'b in b.o'],
  ])('%j', (marked, found) => expect(at(marked)).toBe(found));

  it.each([
    'ob|j-m := hello.o\n',
    'obj-m := hello.o\nhello-objs := ma|in.o\n',
    'obj-m := hello.o # not wo|rld.o\n',
    'obj-y := sub|/\n',
    'obj-m := |\n',
  ])('is none in %j', (marked) => expect(at(marked)).toBeUndefined());
});

describe('a Kbuild file that was made to be slow', () => {
  const count = 20_000;
  const lines = (line: (index: number) => string) =>
    Array.from({ length: count }, (_, n) => line(n)).join('');

  it('is refused when its variables grow without end', () => {
    const grow = Array.from({ length: 8 }, (_, n) => `A${n + 1} := ${`$(A${n}) `.repeat(40)}\n`).join('');
    expect(() => modulesOfKbuild(`A0 := x.o\n${grow}obj-m := $(A8)\n`)).toThrow(BudgetError);
  });

  it('is refused when its variables are nested as deep as no person nests them', () => {
    expect(() => modulesOfKbuild(`${lines((n) => `A${n + 1} = $(A${n})\n`)}obj-m := $(A${count})\n`)).toThrow(
      BudgetError,
    );
  });

  it('is read once for all its modules', () => {
    const text = lines((n) => `obj-m += m${n}.o\nm${n}-objs := a${n}.o b${n}.o\n`);
    const modules = modulesOfKbuild(text);
    expect(modules).toHaveLength(count);
    expect(modules.at(-1)).toEqual({ name: 'm19999', objects: ['a19999.o', 'b19999.o'] });
  });

  it.each([
    ['a long word', `obj-m := ${'x'.repeat(400_000)}`],
    ['blanks', `obj-m := ${' '.repeat(400_000)}`],
    ['continuations', `obj-m := ${'\\\n'.repeat(200_000)}x`],
    ['continued words', `obj-m := ${'x \\\n'.repeat(100_000)}x`],
    ['references that do not end', `obj-m := ${'$('.repeat(200_000)}x`],
    ['comments', `obj-m := ${'#'.repeat(400_000)}x`],
  ])('with %s names no module at its end', (_, text) => {
    expect(kbuildModuleAt(text, text.length)).toBeUndefined();
    expect(modulesOfKbuild(text)).toEqual([]);
  });
});
