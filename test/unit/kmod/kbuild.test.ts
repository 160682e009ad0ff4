import { describe, expect, it } from 'vitest';
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
