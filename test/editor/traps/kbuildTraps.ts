import { lines, type Trap } from './trap';

/** Each of nine levels names the next one forty times. */
const NESTED = `${lines(8, (level) => `v${level}=${`$(v${level + 1})`.repeat(40)}`)}v8=a.o\nobj-m:=nested.o $(v0)\n`;

/** Just below what the extension looks for: with more, the other traps might not be among what it finds. */
const MANY = 1950;

const SOURCE = '#include <linux/module.h>\nMODULE_LICENSE("GPL");\n';

export const KBUILD_TRAPS: Readonly<Record<string, Trap>> = {
  nested: {
    looks: [
      { path: 'Kbuild', as: 'text', hover: [10, 9] },
      { path: 'nested.c', as: 'text', hover: [2, 18] },
    ],
    lay(folder) {
      folder.file('Kbuild', NESTED);
      folder.file('nested.c', SOURCE);
    },
  },
  thousands: {
    looks: [
      { path: 'Kbuild', as: 'text', hover: [7999, 12] },
      { path: 'm0.c', as: 'text', hover: [2, 18] },
    ],
    lay(folder) {
      folder.file(
        'Kbuild',
        lines(4000, (index) => `obj-m += m${index}.o\nm${index}-objs := part${index}.o`),
      );
      folder.file('m0.c', SOURCE);
    },
  },
  words: {
    looks: [
      { path: 'word/Makefile', as: 'text', hover: [1, 50_000] },
      { path: 'continued/Makefile', as: 'text', hover: [30_002, 3] },
      { path: 'open/Makefile', as: 'text', hover: [1, 50_000] },
    ],
    lay(folder) {
      folder.file('word/Makefile', `obj-m := ${'a'.repeat(100_000)}.o\n`);
      folder.file('continued/Makefile', `obj-m := \\\n${lines(30_000, () => ' \\')} last.o\n`);
      folder.file('open/Makefile', `obj-m := ${'$('.repeat(50_000)}\n`);
    },
  },
  devices: {
    looks: [
      { path: 'zero/x.c', as: 'text', hover: [2, 18] },
      { path: 'ptmx0/x.c', as: 'text', hover: [2, 18] },
      { path: 'pipe/x.c', as: 'text', hover: [2, 18] },
      { path: 'pagemap/x.c', as: 'text', hover: [2, 18] },
      { path: 'sources/Kbuild', as: 'text', hover: [1, 12] },
    ],
    lay(folder) {
      const names = ['zero', 'ptmx0', 'ptmx1', 'ptmx2', 'ptmx3', 'pagemap', 'pipe'];
      for (const name of names) folder.file(`${name}/x.c`, SOURCE);
      folder.link('zero/Kbuild', '/dev/zero');
      for (const index of [0, 1, 2, 3]) folder.link(`ptmx${index}/Kbuild`, '/dev/ptmx');
      folder.link('pagemap/Kbuild', '/proc/self/pagemap');
      folder.pipe('pipe/Kbuild');
      folder.pipe('pipe/Makefile');
      // A module whose sources and headers are no files.
      folder.file('sources/Kbuild', 'obj-m := zero.o pipe.o pagemap.o real.o\n');
      folder.link('sources/zero.c', '/dev/zero');
      folder.link('sources/pagemap.c', '/proc/self/pagemap');
      folder.pipe('sources/pipe.c');
      folder.pipe('sources/pipe.h');
      folder.file('sources/real.c', '#include "pipe.h"\n#include "../../../../../dev/zero"\n');
    },
  },
  many: {
    looks: [{ path: 'm0/Makefile', as: 'text', hover: [1, 11] }],
    lay(folder) {
      for (let index = 0; index < MANY; index++)
        folder.file(`m${index}/Makefile`, `obj-m := many${index}.o\n`);
    },
  },
  sources: {
    looks: [
      { path: 'unclosed.c', as: 'text', hover: [2, 20] },
      { path: 'picture.c', as: 'text', hover: [2, 14] },
      { path: 'blanks.c', as: 'text', hover: [1, 3] },
    ],
    lay(folder) {
      folder.file(
        'Kbuild',
        'obj-m := unclosed.o a`![x](https://e.example/y.png)`b.o blanks.o\na`![x](https://e.example/y.png)`b-objs := picture.o\n',
      );
      folder.file(
        'unclosed.c',
        `#include <linux/module.h>\nMODULE_ALIAS("platform:frobnicator-3000-controller-with-a-long-name\nMODULE_LICENSE("${'\\\\'.repeat(40)}\n`,
      );
      folder.file(
        'picture.c',
        'static int who;\nmodule_param(who, int, 0444);\nMODULE_PARM_DESC(who, "![x](https://e.example/z.png)");\n',
      );
      folder.file(
        'blanks.c',
        `MODULE_SOFTDEP(${'"pre: " '.repeat(20_000)}\n${'/*'.repeat(50_000)}\n${'\\\n'.repeat(50_000)}`,
      );
    },
  },
};
