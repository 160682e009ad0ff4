import { relative, resolve } from 'node:path';
import type { Report } from './report';
import { asSarif } from './sarif';

/** How reports are printed. */
export const FORMATS: ReadonlyMap<string, (reports: readonly Report[]) => string> = new Map([
  ['text', (reports) => reports.map(asLine).join('')],
  ['json', (reports) => asJson(reports.map(withoutPage))],
  ['sarif', (reports) => asJson(asSarif(reports))],
  ['github', (reports) => reports.map(asWorkflowCommand).join('')],
]);

function asJson(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function withoutPage({ file, range, severity, code, message }: Report): Report {
  return { file, range, severity, code, message };
}

/** As compilers print it: lines and columns from 1. */
function asLine({ file, range, severity, message, code }: Report): string {
  const { line, character } = range.start;
  return `${file}:${line + 1}:${character + 1}: ${severity}: ${message} [${code}]\n`;
}

const ANNOTATIONS = { error: 'error', warning: 'warning', information: 'notice', hint: 'notice' } as const;

/** An annotation by GitHub Actions: github.com/actions/toolkit, docs/commands.md and packages/core/src/command.ts. */
function asWorkflowCommand({ file, range: { start, end }, severity, code, message }: Report): string {
  const properties = {
    file: relative('', resolve(file)),
    line: start.line + 1,
    endLine: end.line + 1,
    col: start.character + 1,
    // GitHub takes an end column only on the line where the annotation begins.
    ...(start.line === end.line ? { endColumn: end.character + 1 } : {}),
    title: code,
  };
  const list = Object.entries(properties).map(([key, value]) => `${key}=${escapeProperty(String(value))}`);
  return `::${ANNOTATIONS[severity]} ${list.join(',')}::${escapeData(message)}\n`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
