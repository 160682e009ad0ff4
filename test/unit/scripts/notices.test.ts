import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundledPackages, noticesOf, sbomOf } from '../../../scripts/notices.mjs';

const MIT = 'Permission is hereby granted, free of charge, to any person';
let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'kmod-notices-'));
  mkdirSync(join(root, 'supplements'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** Makes a package of files. */
function install(directory: string, manifest: object, files: Readonly<Record<string, string>> = {}): void {
  mkdirSync(join(root, directory), { recursive: true });
  writeFileSync(join(root, directory, 'package.json'), JSON.stringify(manifest));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, directory, name), text);
}

const notices = (...inputs: string[]) =>
  noticesOf(root, bundledPackages(root, inputs), join(root, 'supplements'));

const A = { name: 'a', version: '1.0.0', license: 'MIT' };

describe('the notices of the bundled packages', () => {
  it('are in one order, each package once, with its version, its licence and all of its texts', () => {
    install('node_modules/b/node_modules/@scope/a', { ...A, name: '@scope/a' }, { 'License.txt': 'of a' });
    install(
      'node_modules/b',
      { name: 'b', version: '2.0.0', licenses: [{ type: 'ISC' }] },
      { NOTICE: 'n', LICENCE: 'l' },
    );
    const inputs = [
      'server/main.ts',
      'node_modules/b/node_modules/@scope/a/lib/x.js',
      'node_modules/b/index.js',
      'node_modules/b/other.js',
    ];
    const text = notices(...inputs);
    expect(text).toBe(notices(...inputs.toReversed()));
    expect(text.match(/^(b|@scope\/a) .*$/gm)).toEqual(['b 2.0.0 (ISC)', '@scope/a 1.0.0 (MIT)']);
    expect(text).toContain('b 2.0.0 (ISC)\n\nl\n\nn\n');
    expect(text).toContain('of a');
  });

  it('are taken of the README where they stand there alone, or of a supplement', () => {
    install('node_modules/a', A, { 'README.md': `# a\n\n#### LICENSE\n\nCopyright A\n\n${MIT}\n` });
    expect(notices('node_modules/a/x.js')).toContain(`Copyright A\n\n${MIT}`);
    install('node_modules/c', { ...A, name: 'c' });
    writeFileSync(join(root, 'supplements/c.txt'), 'as its authors publish it');
    expect(notices('node_modules/c/x.js')).toContain('as its authors publish it');
  });

  it('of xz-decompress say what its file says of itself', () => {
    const project = join(__dirname, '../../..');
    const packages = bundledPackages(project, ['node_modules/xz-decompress/dist/package/xz-decompress.js']);
    const text = noticesOf(project, packages, join(project, 'scripts/notices'));
    const built = readFileSync(
      join(project, 'node_modules/xz-decompress/dist/package/xz-decompress.js'),
      'utf8',
    );
    const banner = /^\/\*!\n((?: \* .*\n)+)/.exec(built)?.[1]?.replaceAll(/^ \* /gm, '');
    expect(banner).toContain('License: MIT');
    expect(text).toContain(banner);
    expect(text).toContain('Copyright (c) 2020 Igalia, S.L.\n\nPermission is hereby granted');
  });

  it('are refused for a package that has no text of its licence, or does not tell its licence', () => {
    install('node_modules/a', A, { 'README.md': '# a\n\n## License\n\nMIT\n' });
    expect(() => notices('node_modules/a/x.js')).toThrow('node_modules/a has no text of its licence (MIT)');
    install('node_modules/d', { name: 'd', version: '1.0.0' }, { LICENSE: 'all' });
    expect(() => notices('node_modules/d/x.js')).toThrow('node_modules/d/package.json lacks');
  });
});

describe('the list of what is bundled', () => {
  const digest = Buffer.from('digest');
  const lock = (integrity: string) => ({ packages: { 'node_modules/@s/a': { integrity } } });

  it('has each package with the SHA-512 that package-lock.json pins', () => {
    install('node_modules/@s/a', { ...A, name: '@s/a' });
    const packages = bundledPackages(root, ['node_modules/@s/a/x.js']);
    expect(sbomOf(A, packages, lock(`sha512-${digest.toString('base64')}`))).toMatchObject({
      bomFormat: 'CycloneDX',
      specVersion: '1.6',
      metadata: { component: { type: 'application', name: 'a' } },
      components: [
        {
          type: 'library',
          purl: 'pkg:npm/%40s/a@1.0.0',
          licenses: [{ expression: 'MIT' }],
          hashes: [{ alg: 'SHA-512', content: digest.toString('hex') }],
        },
      ],
    });
  });

  it('is refused for a package that is not pinned', () => {
    install('node_modules/@s/a', { ...A, name: '@s/a' });
    const packages = bundledPackages(root, ['node_modules/@s/a/x.js']);
    expect(() => sbomOf(A, packages, { packages: {} })).toThrow('package-lock.json has no SHA-512');
    expect(() => sbomOf(A, packages, lock('sha1-x'))).toThrow('no SHA-512 of node_modules/@s/a');
  });
});
