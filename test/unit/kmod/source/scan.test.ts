import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parametersOf, scanModuleSource } from '../../../../kmod/source/moduleSource';
import { isOpaque } from '../../../../kmod/source/scan';

/** Each call as `name[argument|argument]`, with its place where that is not code. */
function callsIn(text: string): string[] {
  return scanModuleSource(text).calls.map(
    ({ name, arguments: given, place }) =>
      `${place === 'code' ? '' : `${place} `}${name}[${given.map((argument) => argument.text).join('|')}]`,
  );
}

describe('the scanner finds the calls of module macros', () => {
  it.each([
    ['module_param(count, int, 0644);', ['module_param[count|int|0644]']],
    ['MODULE_LICENSE("GPL"); MODULE_AUTHOR("a");', ['MODULE_LICENSE["GPL"]', 'MODULE_AUTHOR["a"]']],
    ['module_param (\n\tcount , /* a, b) */ int,\n\t0644 // last\n);', ['module_param[count|int|0644]']],
    ['module_param_named(a, s.b[f(1, 2)], int, 0)', ['module_param_named[a|s.b[f(1, 2)]|int|0]']],
    ['MODULE_PARM_DESC(a, "x, ) \\" ;"\n\t"y");', ['MODULE_PARM_DESC[a|"x, ) \\" ;"\n\t"y"]']],
    ['module_param(a, int, \\\r\n 0)', ['module_param[a|int|0]']],
    ["char c = '\"'; module_init(f);", ['module_init[f]']],
    ['my_module_param(a, int, 0); 0module_param(a, int, 0);', []],
    ['int module_param = 1;', []],
  ])('in %j', (text, calls) => {
    expect(callsIn(text)).toEqual(calls);
  });

  it('but none in comments and strings', () => {
    expect(callsIn('/* module_init(f); */ // module_init(f) \\\nmodule_init(f)\n"module_init(f)"')).toEqual(
      [],
    );
  });

  it('and tells what the body of a macro holds, and what an #if 0 cuts out', () => {
    const text = [
      '#define PARAM(n) \\',
      '\tmodule_param(n, int, 0)',
      'PARAM(a);',
      '#if 0 /* old */',
      'module_init(f);',
      '# ifdef X',
      'module_exit(f);',
      '# endif',
      '#else',
      'module_init(g);',
      '#endif',
      'module_exit(g);',
    ].join('\n');
    expect(callsIn(text)).toEqual([
      'template module_param[n|int|0]',
      'disabled module_init[f]',
      'disabled module_exit[f]',
      'module_init[g]',
      'module_exit[g]',
    ]);
    expect(scanModuleSource(text).calls.map(({ conditional }) => conditional)).toEqual([
      false,
      true,
      true,
      true,
      false,
    ]);
  });

  it.each([
    ['MODULE_LICENSE("GP', ['MODULE_LICENSE["GP]']],
    ['MODULE_LICENSE(', ['MODULE_LICENSE[]']],
    ['MODULE_LICENSE(\nMODULE_AUTHOR("a");', ['MODULE_LICENSE[]', 'MODULE_AUTHOR["a"]']],
    ['module_param(a, \nstatic int b;', ['module_param[a|]']],
    ['module_param(a, int;\nmodule_init(f);', ['module_param[a|int]', 'module_init[f]']],
  ])('while they are being written: %j', (text, calls) => {
    expect(callsIn(text)).toEqual(calls);
  });

  it('with their places in the text', () => {
    const text = 'x; module_param( count ,int, 0);';
    const [call] = scanModuleSource(text).calls;
    const at = ({ start, end }: { start: number; end: number }) => text.slice(start, end);
    expect(call && [at(call.nameSpan), at(call.span), at(call.inside)]).toEqual([
      'module_param',
      'module_param( count ,int, 0)',
      ' count ,int, 0',
    ]);
    expect(call?.arguments.map(({ span, room }) => [at(span), at(room)])).toEqual([
      ['count', ' count '],
      ['int', 'int'],
      ['0', ' 0'],
    ]);
  });

  it('and the headers that a file includes from its own', () => {
    expect(scanModuleSource('#include <a.h>\n # include "b.h"\n//#include "c.h"\n').includes).toEqual([
      'b.h',
    ]);
  });
});

it('takes any text', () => {
  const piece = fc.constantFrom(
    ...[
      'module_param',
      '(',
      ')',
      ',',
      '"',
      "'",
      '/*',
      '*/',
      '//',
      '\\',
      '\n',
      '#if 0',
      '#define',
      '#endif',
      ';',
      ' a',
    ],
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = pieces.join('');
      for (const { span, arguments: given } of scanModuleSource(text).calls) {
        expect(span.end).toBeLessThanOrEqual(text.length);
        for (const argument of given) {
          expect(argument.span.end).toBeLessThanOrEqual(span.end);
          expect(text.slice(argument.span.start, argument.span.end)).toBe(argument.text);
        }
      }
    }),
    { numRuns: 2000 },
  );
});

it('knows what is in a comment or a string', () => {
  const text = 'a /* b */ "c" d';
  expect(['a', 'b', 'c', 'd'].map((letter) => isOpaque(text, text.indexOf(letter)))).toEqual([
    false,
    true,
    true,
    false,
  ]);
});

it('finds the parameters that a file makes', () => {
  const text = [
    'module_param(a, int, 0);',
    'module_param_named(b, s.c, int, 0);',
    'module_param_array(d, int, NULL, 0);',
    'module_param_string(e, buffer, sizeof(buffer), 0);',
    'module_param_cb(f, &ops, &value, 0);',
    'module_param_hw_named(g, io, ushort, ioport, 0);',
    'MODULE_DEVICE_TABLE(of, h);',
    'MODULE_PARM_DESC(i, "");',
    '#define P(j) module_param(j, int, 0)',
  ].join('\n');
  expect(parametersOf(scanModuleSource(text)).map(({ name }) => name.text)).toEqual([
    'a',
    'b',
    'd',
    'e',
    'f',
    'g',
  ]);
});
