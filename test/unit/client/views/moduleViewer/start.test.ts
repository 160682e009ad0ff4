import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundedPage } from '../../../../../client/views/moduleViewer/bounds';
import { element, toHtml } from '../../../../../client/views/moduleViewer/drawing/markup';
import { startOfPage } from '../../../../../client/views/moduleViewer/drawing/start';
import { modulePage } from '../../../../../client/views/moduleViewer/modulePage';
import { opened } from './opened';

const HOSTILE = `</style><img src=x onerror="alert(1)"><script>alert('2')</script>&amp;`;

const start = (modinfo: readonly string[]): string =>
  startOfPage(boundedPage(modulePage(opened(modinfo)))).body;
/** The tags of an HTML text, each once. */
const tags = (html: string): string[] => [...new Set(html.match(/<[a-z0-9]+/g) ?? [])].sort();

describe('what is painted of a page before its script runs', () => {
  const html = start([
    'description=Greets',
    'parm=who:Whom to greet',
    'parmtype=who:charp',
    'alias=fs-hello',
  ]);

  it('is its head, its lists and its facts', () => {
    const text = html.replace(/<[^>]*>/g, '|').replace(/\|+/g, '|');
    expect(text).toContain('|hello|Greets|');
    expect(text).toContain('|Parameters|1|Name|Type|Permission|Description|who|charp|Whom to greet|');
    expect(text).toContain('|File system|1|mount -t hello|fs-hello|');
  });

  it('is no more of its lists than a screen shows', () => {
    const many = start(Array.from({ length: 5000 }, (_, index) => `alias=fs-number${index}`));
    expect(many).toContain('number39<');
    expect(many).not.toContain('number40<');
    expect(many).toContain('>Sections<');
    expect(many).not.toContain('>.modinfo<');
  });

  it('has columns of the widths that its script gives them', () => {
    const page = modulePage(opened(['parm=who:Whom', 'parmtype=who:charp']));
    expect(startOfPage(page).style).toMatch(
      /^#parameters table \{ --columns: minmax\(0, [\d.]+em\) [^;{}<]+; \}$/m,
    );
  });

  it('holds the text of a hostile file as text', () => {
    const fields = ['description', 'license', 'version', 'author', 'parm', 'alias', 'depends', HOSTILE];
    const hostile = start(fields.map((key) => `${key}=${HOSTILE}`));
    expect(hostile).toContain('&lt;script&gt;');
    expect(tags(hostile)).not.toContain('<script');
    expect(tags(hostile)).not.toContain('<img');
    expect(hostile).not.toContain('</style');
  });
});

it('escapes every text and attribute, so that nothing in them ends it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), (text, value) => {
      const html = toHtml(element('a', { title: value, text }));
      const [, inTitle = '?', inText = '?'] = /^<a title="([^"]*)">([^<]*)<\/a>$/s.exec(html) ?? [];
      const read = (escaped: string): string =>
        escaped.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => ENTITIES[entity] ?? '?');
      expect([read(inTitle), read(inText)]).toEqual([value, text]);
    }),
  );
});

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};
