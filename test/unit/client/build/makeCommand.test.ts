import { describe, expect, it } from 'vitest';
import { makeCommand, type BuildRequest } from '../../../../client/build/makeCommand';

const REQUEST: BuildRequest = {
  directory: '/src/hello',
  kernelDirectory: '/lib/modules/6.1/build',
  target: 'modules',
};
const make = (more: Partial<BuildRequest> = {}): readonly string[] => makeCommand({ ...REQUEST, ...more });

describe('the command line of a build', () => {
  it('is make in the kernel’s directory, with M', () => {
    expect(make()).toEqual(['make', '-C', '/lib/modules/6.1/build', 'M=/src/hello', 'modules']);
  });

  it('has the tool chain, the variables and the jobs that are asked for', () => {
    const words = make({
      target: 'clean',
      arch: 'arm64',
      crossCompile: 'aarch64-linux-gnu-',
      llvm: true,
      variables: { W: '1', KCFLAGS: '-g -DX="a b"' },
      jobs: 4,
    });
    expect(words).toEqual([
      'make',
      '-j4',
      '-C',
      '/lib/modules/6.1/build',
      'M=/src/hello',
      'ARCH=arm64',
      'CROSS_COMPILE=aarch64-linux-gnu-',
      'LLVM=1',
      'W=1',
      'KCFLAGS=-g -DX="a b"',
      'clean',
    ]);
  });

  it('leaves LLVM out where it is off', () => {
    expect(make({ llvm: false })).not.toContain('LLVM=1');
  });

  it.each([
    '/a b',
    '/a$(shell x)',
    '/a:b',
    '/a\nb',
    "/it's",
    '/a"b',
    '/a;b',
    '/a`b`',
    '/a#b',
    '/a%b',
    '/a*',
    '/~a',
  ])('can not have %j as a path, and says so', (path) => {
    expect(() => make({ directory: path })).toThrow('The directory of the module has');
    expect(() => make({ kernelDirectory: path })).toThrow('The kernel build directory has');
  });

  it('can have letters of any language, dots, dashes and commas in a path', () => {
    expect(make({ directory: '/häuser/模块-1.2,3_x+y@z' })).toContain('M=/häuser/模块-1.2,3_x+y@z');
  });

  it('needs absolute paths', () => {
    expect(() => make({ directory: 'hello' })).toThrow('is not an absolute path');
  });

  it.each(['', 'A B', '-n', 'A=B', 'A$', '1A', 'A\n'])('takes %j for no variable', (name) => {
    expect(() => make({ variables: { [name]: '1' } })).toThrow('can not be a variable of make');
  });

  it('refuses a variable that spans lines', () => {
    expect(() => make({ variables: { A: 'x\nall:' } })).toThrow('holds a line end');
  });
});
