import type { TextDocument } from 'vscode-languageserver-textdocument';
import {
  CodeActionKind,
  TextDocumentEdit,
  type CodeAction,
  type CodeActionContext,
  type Range,
  type TextEdit,
  type WorkspaceEdit,
} from 'vscode-languageserver-types';
import type { Catalog } from '../../catalog/catalog';
import type { Finding } from '../analysis/finding';
import { SIBLING_DIRECTORIES, type Edit, type Fix } from '../analysis/fix';
import { rangeOf } from '../documents';
import { diagnosticOf } from './diagnostics';
import type { Findings } from './findings';

/** All fixes of a file that leave no doubt. */
export const FIX_ALL = `${CodeActionKind.SourceFixAll}.kmod`;

/** A command of editors that keep line ends apart from the text, where no edit can change them; it is given a URI. */
const CHANGE_LINE_ENDS = 'kmod.changeLineEnds';

/** A command of editors that can open a file; it is given a URI. */
const OPEN = 'kmod.openLine';

/** A person who asks for the fixes of more wants that of all. */
const MAX_FINDINGS = 200;

/** Where there are siblings to move a line to. */
const IN_DIRECTORY = /^file:.*\/(modprobe|depmod|modules-load)\.d\/[^/]+$/;

export class CodeActions {
  constructor(
    private readonly findings: Findings,
    private readonly catalog: Catalog,
    private readonly commands: () => readonly string[],
  ) {}

  /** @throws CatalogError, the signal's reason */
  async in(
    document: TextDocument,
    range: Range,
    { only, diagnostics }: CodeActionContext,
    signal: AbortSignal,
  ): Promise<CodeAction[]> {
    // Editors ask at each move of the cursor: the text is looked at again only where something was found.
    const fixesOne = diagnostics.length > 0 && asks(only, CodeActionKind.QuickFix);
    const fixesAll = only !== undefined && asks(only, FIX_ALL);
    if (!fixesOne && !fixesAll) return [];
    const findings = this.findings.of(document, true);
    const start = document.offsetAt(range.start);
    const end = document.offsetAt(range.end);
    const here = findings.filter(({ span }) => span.start <= end && start <= span.end);
    const quickFixes: CodeAction[] = [];
    for (const finding of fixesOne ? here.slice(0, MAX_FINDINGS) : []) {
      quickFixes.push(...(await this.#quickFixes(document, finding, signal)));
    }
    return [...quickFixes, ...(fixesAll ? fixAll(document, findings) : [])];
  }

  async #quickFixes(document: TextDocument, finding: Finding, signal: AbortSignal): Promise<CodeAction[]> {
    const later = finding.fixesFrom?.(await this.catalog.names(signal)) ?? [];
    const fixes = [...finding.fixes, ...later].filter(
      ({ rename, moved, open }) =>
        ((rename ?? moved) === undefined || IN_DIRECTORY.test(document.uri)) &&
        (open === undefined || this.commands().includes(OPEN)),
    );
    return fixes.map((fix) => ({
      title: fix.title,
      kind: CodeActionKind.QuickFix,
      diagnostics: [diagnosticOf(document, finding)],
      ...(this.#commandOf(document, fix) ?? { edit: workspaceEdit(document, fix) }),
      // Editors take the preferred one unasked.
      ...(fix.safe === true ? { isPreferred: true } : {}),
    }));
  }

  #commandOf({ uri }: TextDocument, { title, open, lineEnds }: Fix): Pick<CodeAction, 'command'> | undefined {
    if (open !== undefined) return { command: { title, command: OPEN, arguments: [open] } };
    return lineEnds === true && this.commands().includes(CHANGE_LINE_ENDS)
      ? { command: { title, command: CHANGE_LINE_ENDS, arguments: [uri] } }
      : undefined;
  }
}

/** Kinds are dotted: who asks for one asks for all below it. */
function asks(only: readonly string[] | undefined, kind: string): boolean {
  return only === undefined || only.some((asked) => kind === asked || kind.startsWith(`${asked}.`));
}

function fixAll(document: TextDocument, findings: readonly Finding[]): CodeAction[] {
  const edits: Edit[] = [];
  /** Behind all of them. */
  let end = 0;
  const isTaken = (edit: Edit): boolean =>
    edit.span.start < end && edits.some((taken) => overlap(edit, taken));
  for (const { fixes } of findings) {
    const [fix] = fixes;
    if (fix?.safe !== true || fix.edits.some(isTaken)) continue;
    edits.push(...fix.edits);
    for (const { span } of fix.edits) end = Math.max(end, span.end);
  }
  if (edits.length === 0) return [];
  const edit = { changes: { [document.uri]: textEdits(document, edits) } };
  return [{ title: 'Fix all that kmod reads otherwise than it looks', kind: FIX_ALL, edit }];
}

function overlap({ span: a }: Edit, { span: b }: Edit): boolean {
  return a.start < b.end && b.start < a.end;
}

function workspaceEdit(document: TextDocument, { edits, lineEnds, rename, moved }: Fix): WorkspaceEdit {
  const { uri, version } = document;
  const changes = textEdits(document, lineEnds === true ? asLineFeeds(document.getText()) : edits);
  if (rename !== undefined) {
    return { documentChanges: [{ kind: 'rename', oldUri: uri, newUri: sibling(uri, '', rename) }] };
  }
  if (moved === undefined) return { changes: { [uri]: changes } };
  const name = uri.slice(uri.lastIndexOf('/') + 1).replace(/\.\w+$/, '');
  const target = sibling(uri, `../${moved.directory}/`, name + SIBLING_DIRECTORIES[moved.directory]);
  const start = { line: 0, character: 0 };
  const added = [{ range: { start, end: start }, newText: moved.text }];
  return {
    documentChanges: [
      { kind: 'create', uri: target, options: { ignoreIfExists: true } },
      TextDocumentEdit.create({ uri: target, version: null }, added),
      TextDocumentEdit.create({ uri, version }, changes),
    ],
  };
}

/** A file in a directory relative to that of a document. */
function sibling(uri: string, directory: string, name: string): string {
  return new URL(directory + name, uri).href;
}

function textEdits(document: TextDocument, edits: readonly Edit[]): TextEdit[] {
  return edits.map(({ span, text }) => ({ range: rangeOf(document, span), newText: text }));
}

function asLineFeeds(source: string): Edit[] {
  return Array.from(source.matchAll(/\r(?:\n|$)/g), ({ 0: { length }, index }) => ({
    span: { start: index, end: index + length },
    text: length === 1 ? '' : '\n',
  }));
}
