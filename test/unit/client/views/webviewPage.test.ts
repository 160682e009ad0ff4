import { describe, expect, it } from 'vitest';
import { webviewPage } from '../../../../client/views/webviewPage';

const page = webviewPage(
  { script: "text = '</script><b>'", style: 'body { margin: 0 }' },
  { style: '#a { --columns: 1fr }', body: '<h1>hello</h1>' },
);

describe('the page of a webview', () => {
  it('is whole: it loads nothing', () => {
    expect(page).not.toMatch(/ (src|href)=/);
    expect(page).toContain('<h1>hello</h1>');
    expect(page).toContain('body { margin: 0 }\n#a { --columns: 1fr }</style>');
  });

  it('runs its own script and styles, and no others', () => {
    const [, nonce = ''] = /'nonce-([\w+/=]+)'/.exec(page) ?? [];
    expect(Buffer.from(nonce, 'base64')).toHaveLength(16);
    expect(page).toContain(`"default-src 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'"`);
    expect(page.split(` nonce="${nonce}">`)).toHaveLength(3);
    expect(webviewPage({ script: '', style: '' })).not.toContain(nonce);
  });

  it('holds what its script keeps for the next window as text', () => {
    const memory = webviewPage({ script: '', style: '' }, undefined, { module: `"><script>'&` });
    expect(memory).toContain(
      '<body data-memory="{&quot;module&quot;:&quot;\\&quot;&gt;&lt;script&gt;&#39;&amp;&quot;}">',
    );
    expect(page).toContain('<body>');
  });

  it('has a script that ends where it ends', () => {
    expect(page.match(/<\/script/g)).toHaveLength(1);
    expect(page).toContain(`text = '<\\/script><b>'`);
  });
});
