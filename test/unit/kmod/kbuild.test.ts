import { describe, expect, it } from 'vitest';
import { includesOfKbuild, modulesOfKbuild } from '../../../kmod/kbuild';

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
