import fc from 'fast-check';
import MarkdownIt from 'markdown-it';
import { marked } from 'marked';

/** What Markdown may make of: each piece is an attack, or a part of one. */
const PIECES = [
  '![x](https://evil.example/i.png)',
  '[x](command:workbench.action.quit)',
  '[x](//evil.example)',
  '[x]: https://evil.example',
  '![x][x]',
  '<img src="https://evil.example/i.png">',
  '<https://evil.example>',
  '<a href="command:x">',
  '</code></pre>',
  '<!--',
  '<script>',
  '&lt;img src=x&gt;',
  '&#33;[x](https://evil.example)',
  'https://evil.example/a',
  '//evil.example/y',
  'www.evil.example',
  'evil.example',
  'a@evil.example',
  'mailto:a@evil.example',
  'xmpp:a@evil.example',
  '$(alert)',
  '`',
  '``',
  '```\n',
  '~~~\n',
  '\\',
  '\\`',
  '\n\n',
  '\r',
  '\u2028',
  '\u0085',
  '\0',
  '\u202e',
  '\ud800',
  '# ',
  '> ',
  '- ',
  '1. ',
  '    ',
  '\t',
  '---\n',
  '===\n',
  '| a | b |\n|---|---|\n',
  '*',
  '__',
  '~',
  ']',
  '(',
  '!',
  '[',
  '${x}',
  'x',
  ' ',
];

/** Each piece alone and in what our own marks might lend it. */
export const HOSTILE: readonly string[] = [
  ...PIECES,
  ...PIECES.flatMap((piece) => [`a\`${piece}\`b`, `**${piece}**`, `\\${piece}`, `\n\n${piece}`]),
  'a`![x](https://evil.example)`b',
  'x`` ![x](https://evil.example) ``',
  `${'a'.repeat(999)}\u{1f600}![x](https://evil.example)`,
  PIECES.join(''),
];

export const hostileText = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 12 })
  .map((pieces) => pieces.join(''));

const markdownIt = new MarkdownIt({ html: true, linkify: true });

/** What our own Markdown may become. */
const ALLOWED = new Set(
  'p strong em code pre br hr h1 h2 h3 ul ol li'.split(' ').flatMap((name) => [name, `/${name}`]),
);

/** As VS Code cuts a hover before it renders it. */
const cut = (markdown: string): string =>
  markdown.length > 100_000 ? `${markdown.slice(0, 100_000)}…` : markdown;

/**
 * The tags that VS Code's Markdown and a second, more eager one make of it, beside those of our own marks.
 * @param links the beginnings of targets that are our own
 */
export function foreignMarkup(markdown: string, links: readonly string[] = []): string[] {
  const pages = [marked.parse(cut(markdown), { async: false }), markdownIt.render(cut(markdown))];
  return pages.flatMap((html) =>
    [...html.matchAll(/<([^\s>]*)([^>]*)>/g)]
      .filter(([, name = '', attributes = '']) => {
        if (name === 'a') return !links.some((link) => attributes.startsWith(` href="${link}`));
        if (name === '/a') return links.length === 0;
        return !ALLOWED.has(name) || !/^( class="language-c"| start="\d+"| \/)?$/.test(attributes);
      })
      .map(([tag]) => tag),
  );
}

/** The text that the page shows. */
export const shownText = (markdown: string): string =>
  marked
    .parse(markdown, { async: false })
    .replace(/<[^>]*>/g, '')
    .replace(
      /&(lt|gt|quot|#39|amp);/g,
      (_, name: string) => ({ lt: '<', gt: '>', quot: '"', '#39': "'" })[name] ?? '&',
    );
