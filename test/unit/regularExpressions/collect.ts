import { readFileSync, readdirSync } from 'node:fs';
import { extname, join } from 'node:path';
import ts from 'typescript';

/** A regular expression of what is shipped. */
export interface WrittenExpression {
  readonly source: string;
  readonly flags: string;
  /** The file, from the root of the repository, and the line. */
  readonly file: string;
  readonly line: number;
}

/** A RegExp that is put together while the program runs. */
export interface ConstructedExpression {
  /** The constructor's arguments as they are written. */
  readonly code: string;
  readonly file: string;
  readonly line: number;
}

export interface Expressions {
  readonly written: readonly WrittenExpression[];
  readonly constructed: readonly ConstructedExpression[];
}

const ROOT = join(import.meta.dirname, '../../..');
const ROOMS = ['kmod', 'engine', 'server', 'client'];
/** The editor makes regular expressions of strings in these files. */
const DATA = [
  'package.json',
  'language-configuration.json',
  ...readdirSync(join(ROOT, 'syntaxes'), { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => `syntaxes/${name}`),
];
/** The properties that hold them: of TextMate grammars, language configurations, problem matchers and settings. */
const PATTERN_KEYS =
  /^(match|begin|end|while|regexp|pattern|wordPattern|beforeText|afterText|previousLineText|firstLine|firstLineMatch|foldingStartMarker|foldingStopMarker|increaseIndentPattern|decreaseIndentPattern)$/;

/** All regular expressions of what is shipped. */
export function collectExpressions(): Expressions {
  const written: WrittenExpression[] = [];
  const constructed: ConstructedExpression[] = [];
  for (const room of ROOMS) {
    for (const file of sourcesIn(room)) {
      const found = expressionsOf(file, readFileSync(join(ROOT, file), 'utf8'));
      written.push(...found.written);
      constructed.push(...found.constructed);
    }
  }
  for (const file of DATA) written.push(...patternsOf(file, readFileSync(join(ROOT, file), 'utf8')));
  return { written, constructed };
}

function sourcesIn(room: string): string[] {
  return readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
    .filter((name) => ['.ts', '.mts', '.mjs', '.js'].includes(extname(name)) && !name.endsWith('.d.ts'))
    .map((name) => join(room, name));
}

/** The regular expressions of a file of TypeScript. */
export function expressionsOf(file: string, text: string): Expressions {
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const written: WrittenExpression[] = [];
  const constructed: ConstructedExpression[] = [];
  const visit = (node: ts.Node): void => {
    const line = tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/');
      written.push({ source: node.text.slice(1, end), flags: node.text.slice(end + 1), file, line });
    } else if (isConstruction(node)) {
      const [source, flags] = node.arguments ?? [];
      if (source !== undefined && ts.isStringLiteralLike(source)) {
        const given = flags !== undefined && ts.isStringLiteralLike(flags) ? flags.text : '';
        written.push({ source: source.text, flags: given, file, line });
      } else {
        const code = (node.arguments ?? []).map((argument) => argument.getText(tree)).join(', ');
        constructed.push({ code: code.replace(/\s+/g, ' '), file, line });
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return { written, constructed };
}

/** `RegExp(…)`, with `new` or without, and what makes one of a string: `text.match('…')`. */
function isConstruction(node: ts.Node): node is ts.NewExpression | ts.CallExpression {
  if (!ts.isNewExpression(node) && !ts.isCallExpression(node)) return false;
  const { expression } = node;
  if (ts.isIdentifier(expression)) return expression.text === 'RegExp';
  return (
    ts.isPropertyAccessExpression(expression) &&
    ['match', 'matchAll', 'search'].includes(expression.name.text) &&
    node.arguments?.[0] !== undefined &&
    ts.isStringLiteralLike(node.arguments[0])
  );
}

/** The regular expressions in a file of JSON that the editor reads. */
function patternsOf(file: string, text: string): WrittenExpression[] {
  const found: WrittenExpression[] = [];
  const visit = (value: unknown, key: string): void => {
    if (typeof value === 'string' && PATTERN_KEYS.test(key)) {
      const line = text.slice(0, text.indexOf(JSON.stringify(value))).split('\n').length;
      found.push({ source: value, flags: '', file, line });
    } else if (typeof value === 'object' && value !== null) {
      for (const [name, member] of Object.entries(value)) visit(member, Array.isArray(value) ? key : name);
    }
  };
  visit(JSON.parse(text), '');
  return found;
}
