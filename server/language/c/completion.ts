import type { TextDocument } from 'vscode-languageserver-textdocument';
import {
  CompletionItemKind,
  MarkupKind,
  type CompletionItem,
  type Position,
} from 'vscode-languageserver-types';
import type { Span } from '../../../kmod/config/lines';
import { MODULE_MACROS } from '../../../kmod/source/macros';
import { argumentOf, parametersOf } from '../../../kmod/source/moduleSource';
import { isOpaque, type MacroArgument } from '../../../kmod/source/scan';
import {
  DEVICE_TYPES,
  LICENSES,
  PARAMETER_TYPES,
  PERMISSIONS,
  type KnownWord,
} from '../../../kmod/source/vocabulary';
import type { Catalog } from '../../catalog/catalog';
import { rangeOf } from '../documents';
import type { SourceScans } from './scans';
import { sourceSiteAt, type SourceSite } from './site';
import type { ModuleSources } from './sources';

/** What may be written, before it is known where it goes. */
type Proposal = Pick<CompletionItem, 'label' | 'kind' | 'detail' | 'documentation' | 'sortText'>;
type ArgumentSite = SourceSite & { readonly kind: 'argument' };

/** A shorter word at the start of a line may become anything. */
const MIN_MACRO_PREFIX = 2;

export class SourceCompletions {
  constructor(
    private readonly scans: SourceScans,
    private readonly sources: ModuleSources,
    private readonly catalog: Catalog,
  ) {}

  /** Only names of module macros at the start of a line, and their arguments: the rest of C is others' business. */
  async at(document: TextDocument, position: Position, signal: AbortSignal): Promise<CompletionItem[]> {
    const offset = document.offsetAt(position);
    const scan = this.scans.get(document);
    const site = sourceSiteAt(scan, offset);
    if (site?.kind === 'argument') {
      if ((await this.sources.get(document.uri, signal)) === undefined) return [];
      const span = placeIn(site, document, offset);
      const quoted = site.argument.text.startsWith('"');
      if (quoted && offset === site.argument.span.start) return [];
      const proposals = await this.#propose(site, document, quoted, signal);
      return proposals.map((proposal) => ({
        ...proposal,
        textEdit: {
          range: rangeOf(document, span),
          newText: isText(site) && !quoted ? `"${proposal.label}"` : proposal.label,
        },
      }));
    }
    const prefix = document.getText({ start: { line: position.line, character: 0 }, end: position });
    if (prefix.length < MIN_MACRO_PREFIX || !/^[A-Za-z_]+$/.test(prefix)) return [];
    const macros = [...MODULE_MACROS.values()].filter(({ name }) =>
      name.toLowerCase().startsWith(prefix.toLowerCase()),
    );
    if (macros.length === 0 || isOpaque(document.getText(), offset)) return [];
    if ((await this.sources.get(document.uri, signal)) === undefined) return [];
    const range = { start: { line: position.line, character: 0 }, end: position };
    return macros.map(({ name, parameters, meaning }) => ({
      label: name,
      kind: CompletionItemKind.Function,
      detail: `${name}(${parameters.map(({ label }) => label).join(', ')})`,
      documentation: { kind: MarkupKind.PlainText, value: meaning },
      textEdit: { range, newText: name },
    }));
  }

  async #propose(
    { parameter: { kind } }: ArgumentSite,
    document: TextDocument,
    quoted: boolean,
    signal: AbortSignal,
  ): Promise<Proposal[]> {
    switch (kind) {
      case 'license':
        return LICENSES.map(proposeWord);
      case 'type':
        return PARAMETER_TYPES.map(proposeWord);
      case 'permissions':
        // In the order of the table: the most common first.
        return PERMISSIONS.map((word, index) => ({ ...proposeWord(word), sortText: String(index) }));
      case 'device-type':
        return DEVICE_TYPES.map(proposeWord);
      case 'soft-dependencies':
        return quoted ? this.#proposeDependencies(signal) : [];
      case 'described-parameter':
        return this.#proposeParameters(document, signal);
      case 'parameter':
      case 'alias':
      case 'code':
        return [];
    }
  }

  async #proposeDependencies(signal: AbortSignal): Promise<Proposal[]> {
    const names = await this.catalog.names(signal);
    return [
      ...['pre:', 'post:'].map((label) => ({
        label,
        kind: CompletionItemKind.Keyword,
        sortText: ` ${label}`,
      })),
      ...names.map((label) => ({ label, kind: CompletionItemKind.Module })),
    ];
  }

  /** The parameters of the module, those that lack a description first. */
  async #proposeParameters(document: TextDocument, signal: AbortSignal): Promise<Proposal[]> {
    const modules = (await this.sources.get(document.uri, signal)) ?? [];
    const others = modules.flatMap(({ files }) => files.filter(({ uri }) => uri !== document.uri));
    const scans = [this.scans.get(document), ...others.map(({ scan }) => scan)];
    const described = new Set(
      scans.flatMap(({ calls }) => calls.map((call) => argumentOf(call, 'described-parameter')?.text)),
    );
    const names = new Map(scans.flatMap(parametersOf).map(({ name, call }) => [name.text, call]));
    return [...names].map(([label, call]) => {
      const type = argumentOf(call, 'type')?.text;
      return {
        label,
        kind: CompletionItemKind.Property,
        sortText: `${described.has(label) ? 1 : 0}${label}`,
        ...(type === undefined ? {} : { detail: type }),
      };
    });
  }
}

const isText = ({ parameter: { kind } }: ArgumentSite): boolean =>
  kind === 'license' || kind === 'soft-dependencies';

/** What a completion replaces: the argument without its quotes, or one word of a list; never more than a line. */
function placeIn({ argument, parameter }: ArgumentSite, document: TextDocument, offset: number): Span {
  const { line } = document.positionAt(offset);
  const startOfLine = document.offsetAt({ line, character: 0 });
  const { start, end } = withoutQuotes(argument, offset);
  const text = document.getText();
  const lineEnd = startOfLine + text.slice(startOfLine).search(/[\r\n]|$/);
  const from = Math.max(start, startOfLine);
  const to = Math.max(offset, Math.min(end, lineEnd));
  if (parameter.kind !== 'soft-dependencies') return { start: Math.min(from, offset), end: to };
  const after = /^[^\s"]*/.exec(text.slice(offset, to))?.[0].length ?? 0;
  let before = offset;
  while (before > from && /[^\s"]/.test(text.charAt(before - 1))) before--;
  return { start: before, end: offset + after };
}

function withoutQuotes({ span, text }: MacroArgument, offset: number): Span {
  if (offset < span.start || offset > span.end) return { start: offset, end: offset };
  if (!text.startsWith('"')) return span;
  return { start: span.start + 1, end: text.length > 1 && text.endsWith('"') ? span.end - 1 : span.end };
}

function proposeWord({ name, meaning }: KnownWord): Proposal {
  return {
    label: name,
    kind: CompletionItemKind.Constant,
    documentation: { kind: MarkupKind.PlainText, value: meaning },
  };
}
