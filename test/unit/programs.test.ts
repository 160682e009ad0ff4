import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

// Each way to start a program that the product's source knows, by its syntax: there is one, and it takes what it
// starts from the finder.

const ROOT = join(import.meta.dirname, '../..');
const ROOMS = ['client', 'server', 'kmod', 'engine', 'scripts'];
const STARTER = 'engine/base/startProgram.ts';

const sources = ROOMS.flatMap((room) =>
  readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => `${room}/${path}`),
);

/** Modules that start programs; `cluster` starts this one again. */
const STARTERS = /^(node:)?(child_process|cluster)$/;

/** Ways around an import. */
const HATCHES = [
  'process.binding',
  'process._linkedBinding',
  'process.dlopen',
  'process.getBuiltinModule',
  'createRequire',
  'module.require',
  'module.constructor',
];

/** What in a file starts a program, or may; each with its line. */
function waysIn(file: string, text: string): string[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const way = wayOf(node, source);
    if (way !== undefined) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      found.push(`${file}:${line + 1}: ${way}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function wayOf(node: ts.Node, source: ts.SourceFile): string | undefined {
  if ((ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) && node.moduleSpecifier !== undefined) {
    const name = (node.moduleSpecifier as ts.StringLiteral).text;
    return STARTERS.test(name) ? `takes ${name}` : undefined;
  }
  if (ts.isExternalModuleReference(node) || ts.isImportTypeNode(node)) {
    return STARTERS.test(node.getText(source).replace(/^[^'"]*['"]|['"].*$/gs, ''))
      ? 'takes it by its name'
      : undefined;
  }
  if (ts.isCallExpression(node)) {
    const called = node.expression.getText(source);
    if (called === 'import' || called === 'require') {
      const [name] = node.arguments;
      if (name === undefined || !ts.isStringLiteralLike(name))
        return `${called} of what is not written there`;
      return STARTERS.test(name.text) ? `takes ${name.text}` : undefined;
    }
    if (/\bcreateTerminal$/.test(called)) return terminalProblem(node);
  }
  if (ts.isPropertyAccessExpression(node) || ts.isIdentifier(node)) {
    const name = node.getText(source);
    if (HATCHES.includes(name)) return name;
    if (/(^|\.)(Shell|Process|DebugAdapter)Execution$/.test(name)) return name;
  }
  if (ts.isPropertyAssignment(node) && node.name.getText(source) === 'shell') return 'a shell looks it up';
  return undefined;
}

/** A terminal of a program of ours has its path from the finder; one without a program is the user's own shell. */
function terminalProblem({ arguments: [options] }: ts.CallExpression): string | undefined {
  if (options === undefined || !ts.isObjectLiteralExpression(options))
    return 'a terminal of nobody knows what';
  const property = (name: string) =>
    options.properties.find((one) => one.name?.getText() === name)?.getText();
  const path = property('shellPath');
  if (path === undefined) return options.properties.some(ts.isSpreadAssignment) ? 'a terminal' : undefined;
  return path.startsWith('shellPath: programPath(') && property('env')?.includes('safeEnvironment(') === true
    ? undefined
    : 'a terminal of a program that nobody found';
}

describe('the source', () => {
  it('starts programs in one file', () => {
    expect(sources).toContain(STARTER);
    const ways = sources.flatMap((file) => waysIn(file, readFileSync(join(ROOT, file), 'utf8')));
    expect(ways.filter((way) => !way.startsWith(`${STARTER}:`))).toEqual([]);
  });

  it('gives spawn and its siblings only what the finder found', () => {
    const text = readFileSync(join(ROOT, STARTER), 'utf8');
    const calls = [
      ...text.matchAll(/\b(?:spawn|spawnSync|execute|fork|exec|execSync|execFile|execFileSync)\((.*)/g),
    ];
    expect(
      calls.map(([, given]) => given?.startsWith('programPath(program), args, around(options)')),
    ).toEqual([true, true, true]);
  });

  it.each([
    "import { spawn } from 'child_process';",
    "import * as child from 'node:child_process';",
    "export { exec } from 'node:child_process';",
    "import child = require('child_process');",
    "const child = require('child_process');",
    "const child = await import('node:child_process');",
    'const child = await import(`node:child_process`);',
    "const child = require('child_' + 'process');",
    "type Spawn = typeof import('node:child_process').spawn;",
    "process.binding('spawn_sync');",
    "process.getBuiltinModule('child_process');",
    'new vscode.ShellExecution(`make`);',
    "new vscode.ProcessExecution('make');",
    "vscode.window.createTerminal({ name, shellPath: 'ssh' });",
    "vscode.window.createTerminal(name, 'ssh');",
    "startProgram('/bin/sh', [], { shell: true });",
  ])('would be seen to do it otherwise: %s', (text) => {
    expect(waysIn('file.ts', text)).not.toEqual([]);
  });
});
