import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { modulesOfKbuild } from '../../../kmod/kbuild';

/** A variable's lines: a value, and what is added to it, of words and of the variables in front of it. */
function variable(name: string, words: readonly string[]): fc.Arbitrary<string> {
  const value = fc.array(fc.constantFrom(...words), { maxLength: 4 });
  const blank = fc.constantFrom(' ', '\t', ' \\\n  ');
  const line = fc.tuple(value, blank, fc.constantFrom('', ' # c.o'), fc.constantFrom('', '  '));
  return fc
    .tuple(fc.constantFrom('=', ':='), line, fc.array(line, { maxLength: 2 }))
    .map(([operator, first, more]) =>
      [first, ...more]
        .map(([list, between, comment, indent], index) => {
          const assign = index === 0 ? operator : '+=';
          return `${indent}${name} ${assign} ${list.join(between)}${comment}\n`;
        })
        .join(''),
    );
}

const kbuildFile = fc
  .tuple(
    variable('A', ['a.o', 'b', 'sub/c.o']),
    variable('B', ['$(A)', '${A}', 'd.o', '$(UNSET)']),
    fc.constantFrom('NAME := m\n', 'NAME = m# the module\n'),
    variable('m-objs', ['$(A)', '$(B)', 'e.o']),
    variable('$(NAME)-y', ['$(A)', 'f.o']),
    variable('a-y', ['$(B)', 'main.o']),
    variable('obj-m', ['$(A)', '$(B)', '$(NAME).o', 'a.o', 'g.o', 'dir/']),
  )
  .map((parts) => parts.join(''));

/** What make says that a variable is. */
function expandedByMake(text: string, names: readonly string[]): string[][] {
  const print = names.map((name) => `$(info $(${name}))\n`).join('');
  const output = execFileSync('make', ['--no-print-directory', '-f', '-'], {
    input: `${text}${print}all: ; @:\n`,
    encoding: 'utf8',
  });
  return output
    .split('\n')
    .slice(0, names.length)
    .map((line) => line.split(/\s+/).filter((word) => word.endsWith('.o')));
}

it('reads variables as make does', () => {
  fc.assert(
    fc.property(kbuildFile, (text) => {
      const modules = modulesOfKbuild(text);
      const [names = []] = expandedByMake(text, ['obj-m']);
      expect(modules.map(({ name }) => `${name}.o`)).toEqual([...new Set(names)]);
      const lists = modules.flatMap(({ name }) => [`${name}-objs`, `${name}-y`]);
      const expanded = expandedByMake(text, lists);
      modules.forEach(({ name, objects }, index) => {
        const listed = [...(expanded[index * 2] ?? []), ...(expanded[index * 2 + 1] ?? [])];
        expect(objects).toEqual(listed.length === 0 ? [`${name}.o`] : listed);
      });
    }),
    { numRuns: 60 },
  );
});
