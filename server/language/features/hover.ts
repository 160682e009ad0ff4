import type { TextDocument } from 'vscode-languageserver-textdocument';
import type { Hover, Position } from 'vscode-languageserver-types';
import { directivesOf } from '../../../kmod/config/directives';
import { nodeAt, wordSpan, type ConfigSyntax } from '../../../kmod/config/syntax';
import { joinMarkdown, prose, type Markdown } from '../../../kmod/markdown';
import { isModuleName, normalizeModuleName } from '../../../kmod/name';
import type { Catalog } from '../../catalog/catalog';
import { rangeOf, type SyntaxCache } from '../documents';
import { aliasesOf, placeOfEntry } from '../effective';
import { describeHiding } from '../hides';
import {
  describeAliasForm,
  describeDirective,
  describeModule,
  describeOrigin,
  describeParameter,
  markupOf,
} from '../markdown';
import { nameAt } from '../names';
import type { Project } from '../project';
import { siteAt, type Site } from '../site';

export class Hovers {
  constructor(
    private readonly syntaxes: SyntaxCache,
    private readonly catalog: Catalog,
    private readonly project: Project,
  ) {}

  async at(document: TextDocument, position: Position, signal: AbortSignal): Promise<Hover | undefined> {
    const syntax = this.syntaxes.get(document);
    if (syntax === undefined) return undefined;
    const site = hoverSiteAt(syntax, document.offsetAt(position));
    if (site === undefined || site.text === '') return undefined;
    const value = await this.#describe(site, syntax, document, signal);
    return value === undefined
      ? undefined
      : { contents: markupOf(value), range: rangeOf(document, site.span) };
  }

  async #describe(
    site: Site,
    syntax: ConfigSyntax,
    document: TextDocument,
    signal: AbortSignal,
  ): Promise<Markdown | undefined> {
    if ('keywords' in site && site.keywords.includes(site.text)) return describeStatement(syntax, site);
    switch (site.kind) {
      case 'command': {
        const directive = directivesOf(syntax.language).get(site.text);
        if (directive === undefined) return undefined;
        const hiding = await this.#describeHiding(syntax, site, document, signal);
        return joinMarkdown([describeDirective(directive), hiding]);
      }
      case 'module':
        if (site.text.includes(':')) return this.#describeDevice(site.text, document, signal);
        return isModuleName(site.text) ? this.#describeName(site.text, document, signal) : undefined;
      case 'alias':
        return this.#describePattern(site.text, signal);
      case 'parameter':
        return this.#describeParameter(site.module, site.text, signal);
      case 'value':
        return this.#describeParameter(site.module, site.parameter, signal);
      case 'word':
        return undefined;
    }
  }

  /** Of an install or remove line. */
  async #describeHiding(
    syntax: ConfigSyntax,
    { span }: Site,
    document: TextDocument,
    signal: AbortSignal,
  ): Promise<Markdown | undefined> {
    const statement = nodeAt(syntax, span.start);
    if (statement?.kind !== 'statement' || statement.problem !== undefined) return undefined;
    if (statement.arguments.every(({ shape }) => shape.kind !== 'shell-command')) return undefined;
    const system = await this.project.configurationWith(document);
    return describeHiding(statement, document, system, await this.catalog.names(signal));
  }

  /** A module, or what an alias of the configuration stands for: kmod looks there first. */
  async #describeName(
    text: string,
    document: TextDocument,
    signal: AbortSignal,
  ): Promise<Markdown | undefined> {
    const { configuration } = await this.project.configurationWith(document);
    const aliases = aliasesOf(configuration, text);
    const [first] = aliases;
    if (first === undefined) return this.#describeModule(text, signal);
    const modules = aliases.map((alias) => prose`**${alias.value}** (${placeOfEntry(alias)})`);
    const head = prose`**${text}** — an alias of ${joinMarkdown(modules, ', ')}`;
    const module = await this.catalog.get(first.value, signal);
    return joinMarkdown([head, module && describeModule(module)], '\n\n---\n\n');
  }

  /** What a device's own alias says, and what drives it. */
  async #describeDevice(
    text: string,
    document: TextDocument,
    signal: AbortSignal,
  ): Promise<Markdown | undefined> {
    const { configuration } = await this.project.configurationWith(document);
    const [first] = aliasesOf(configuration, text);
    const form = describeAliasForm(text);
    if (first === undefined) return this.#describeForm(text, form, 'The modules for it', signal);
    const module = prose`**${first.value}** (${placeOfEntry(first)})`;
    return joinMarkdown([prose`**${text}**`, form, prose`An alias of ${module}.`]);
  }

  /** What the pattern of an alias line stands for, and the modules that would be found without the line. */
  async #describePattern(text: string, signal: AbortSignal): Promise<Markdown | undefined> {
    const form = describeAliasForm(text);
    if (form === undefined && this.catalog.peek(text) !== 'alias') return undefined;
    return this.#describeForm(text, form, 'Comes before the modules for all that it matches', signal);
  }

  async #describeForm(
    text: string,
    form: Markdown | undefined,
    what: string,
    signal: AbortSignal,
  ): Promise<Markdown> {
    const modules = [...new Set(await this.catalog.resolve(text, signal))];
    const { origin } = this.catalog;
    const named = modules.length === 0 ? 'none' : boldNames(modules);
    return joinMarkdown([
      prose`**${text}**`,
      form,
      ...(origin === undefined ? [] : [prose`${what}: ${named}`, describeOrigin(origin)]),
    ]);
  }

  async #describeModule(text: string, signal: AbortSignal): Promise<Markdown | undefined> {
    const module = await this.catalog.get(text, signal);
    if (module !== undefined) return describeModule(module);
    const { origin } = this.catalog;
    if (origin === undefined) return undefined;
    switch (this.catalog.peek(text)) {
      case 'alias':
        return this.#describeAlias(text, signal);
      case 'absent':
        return prose`**${text}** — no module or alias of this kernel\n\n${describeOrigin(origin)}`;
      default:
        return undefined;
    }
  }

  /** Of modules: the first is what modprobe inserts first. */
  async #describeAlias(text: string, signal: AbortSignal): Promise<Markdown> {
    const found = [...new Set(await this.catalog.resolve(text, signal))];
    const { origin } = this.catalog;
    const head = prose`**${text}** — an alias`;
    const [first] = found;
    if (first === undefined) return joinMarkdown([head, origin && describeOrigin(origin)]);
    const named = prose`${head} of ${boldNames(found)}`;
    const module = await this.catalog.get(first, signal);
    return module === undefined
      ? joinMarkdown([named, origin && describeOrigin(origin)])
      : joinMarkdown([named, describeModule(module)], '\n\n---\n\n');
  }

  async #describeParameter(module: string, text: string, signal: AbortSignal): Promise<Markdown | undefined> {
    const found = await this.catalog.get(module, signal);
    const wanted = normalizeModuleName(text);
    const parameter = found?.info.parameters.find(({ name }) => normalizeModuleName(name) === wanted);
    return found && parameter && describeParameter(found, parameter);
  }
}

/** A name in a shell command, or of a module's file, tells of the module too. */
function hoverSiteAt(syntax: ConfigSyntax, offset: number): Site | undefined {
  const site = siteAt(syntax, offset);
  if (site !== undefined && site.kind !== 'word') return site;
  const name = nameAt(syntax, offset);
  if (name === undefined) return site;
  const { line, word } = name;
  return {
    kind: 'module',
    span: wordSpan(line, word),
    text: word.text,
    keywords: [],
    takesAlias: name.isLookedUp,
  };
}

/** What a word means that is none of the user's: its directive tells. */
function describeStatement(syntax: ConfigSyntax, { span }: Site): Markdown | undefined {
  const node = nodeAt(syntax, span.start);
  const directive = node?.kind === 'statement' ? node.directive : undefined;
  return directive && describeDirective(directive);
}

const boldNames = (names: readonly string[]): Markdown =>
  joinMarkdown(
    names.map((name) => prose`**${name}**`),
    ', ',
  );
