import { describe, expect, it } from 'vitest';
import { hoverAt, moduleInfo, open, testCatalog } from './harness';

describe('hover', () => {
  it('tells what a command means', async () => {
    expect(await hoverAt('soft|dep hello pre: x')).toContain(
      '` softdep modulename pre: modules... post: modules... `',
    );
    expect(await hoverAt('weak|dep hello x')).toContain('Since kmod 33.');
    expect(await hoverAt('sea|rch x', 'depmod')).toContain('/lib/modules/RELEASE');
  });

  it.each([
    ['blacklist hel|lo', 'modprobe'],
    ['options hello| a=1', 'modprobe'],
    ['softdep x pre: |hello', 'modprobe'],
    ['alias x he\\\nl|lo', 'modprobe'],
    ['hello|', 'modules-load'],
    ['install x modprobe hel|lo', 'modprobe'],
    ['override hel|lo * extra', 'depmod'],
  ] as const)('tells the module in %j, and whose it is', async (text, language) => {
    expect(await hoverAt(text, language)).toBe(
      [
        '**hello** — Greets from the kernel',
        '- license: GPL\n- depends on: chain\\_base\n- parameters: count \\(int\\), who \\(charp\\), loud\\_ly \\(bool\\)',
        '*board\\-a, kernel 6\\.1\\.0\\-test*',
      ].join('\n\n'),
    );
  });

  it('tells what a word means that stands for no module', async () => {
    expect(await hoverAt('softdep hello p|re: x')).toContain('are loaded before');
    expect(await hoverAt('search up|dates', 'depmod')).toContain('Without any `search` line');
    expect(await hoverAt('override hello | *', 'depmod')).toBeUndefined();
  });

  it('tells the device that the pattern of an alias is for, and what drives it', async () => {
    const catalog = await testCatalog();
    catalog.resolve = () => Promise.resolve(['edu']);
    expect(await hoverAt('alias pci:v00001234|d* hello', 'modprobe', catalog)).toBe(
      '**pci\\:v00001234d\\***\n\nPCI\n\n- vendor: 0x1234\n\n' +
        'Comes before the modules for all that it matches: **edu**\n\n*board\\-a, kernel 6\\.1\\.0\\-test*',
    );
    expect(await hoverAt('pci:v00001234d000011E8sv00sd00bc0Csc03i30|', 'modules-load', catalog)).toContain(
      'The modules for it: **edu**',
    );
    expect(await hoverAt('alias fs-|xfs hello')).toContain('File system: mount \\-t xfs');
    expect(await hoverAt('alias wha|tever hello')).toBeUndefined();
  });

  it('tells the parameter', async () => {
    expect(await hoverAt('options hello co|unt=1')).toBe(
      '**count** (int) — parameter of hello\n\nHow often to greet\n\n*board\\-a, kernel 6\\.1\\.0\\-test*',
    );
    expect(await hoverAt('options hello loud-|ly=1')).toContain('**loud\\_ly** (bool)');
    expect(await hoverAt('options hello loud-ly=|1')).toContain('**loud\\_ly** (bool)');
  });

  it('tells that a name is an alias, or nothing that the kernel knows', async () => {
    expect(await hoverAt('options fs-ex|t4 a')).toContain('an alias');
    expect(await hoverAt('blacklist no|pe')).toContain('no module or alias of this kernel');
  });

  it('tells what an alias of the configuration stands for', async () => {
    const text = await hoverAt('alias my-hello hello\nalias my* chain_base\nblacklist my_hel|lo');
    expect(text).toContain(
      '**my\\_hello** — an alias of **hello** (test\\.conf\\:1), **chain\\_base** (test\\.conf\\:2)',
    );
    expect(text).toContain('Greets from the kernel');
  });

  it('tells what an install line hides, and what keeps it from being used', async () => {
    const hidden = await hoverAt(
      'options hello count=1\nsoftdep hello pre: chain_base\ninstall hello /bin/true\ninst|all hello /bin/false\n',
    );
    expect(hidden).toContain('` install modulename command... `');
    expect(hidden).toContain('inserts no module itself');
    expect(hidden).toContain('**Not used:** test\\.conf\\:3 matches first.');
    expect(hidden).toContain('**Hidden by the softdep** at test\\.conf\\:2');
    expect(hidden).toContain('**Lost options:** those of test\\.conf\\:1');
    const plain = await hoverAt('options hello count=1\nins|tall hello modprobe -i hello $CMDLINE_OPTS');
    expect(plain).not.toMatch(/Lost|Hidden|Not used/);
  });

  it('tells which modules the pattern of a command matches', async () => {
    expect(await hoverAt('rem|ove h* /bin/true')).toContain('It matches hello of this kernel.');
    expect(await hoverAt('rem|ove hello /bin/true')).toContain('` modprobe -r ` runs the command');
  });

  it('says nothing of comments, shell commands and patterns', async () => {
    for (const text of ['# hel|lo', 'install x hel|lo', 'remove hel|lo* x', 'alias hel|lo x']) {
      expect(await hoverAt(text)).toBeUndefined();
    }
  });

  it('marks the word in UTF-16 units', async () => {
    const { service, document, position, signal } = await open('# 😀\nalias 😀 hel|lo');
    expect(await service.hover(document, position, signal)).toMatchObject({
      range: { start: { line: 1, character: 9 }, end: { line: 1, character: 14 } },
    });
  });

  it('shows what a hostile module says of itself as text', async () => {
    const evil = moduleInfo(
      'evil',
      'description=<img src=x onerror=alert(1)> [click](command:evil) $(alert) **b**\n# head',
      'license=`x` http://evil.example www.evil.example ![i](http://e/i.png)',
      'parm=a:</code><script>x</script>',
    );
    const text = (await hoverAt('blacklist ev|il', 'modprobe', await testCatalog([evil]))) ?? '';
    expect(text).not.toMatch(/[^\\]<|[^\\]\[|[^\\]\]|[^\\]`|[^\\]\$|http:\/\/|www\.|\n#/);
    expect(text).toContain('\\<img src\\=x onerror\\=alert\\(1\\)\\>');
  });

  it('tells the modules that an alias of modules stands for, and the first of them', async () => {
    const text = await hoverAt('options fs-|ext4 x=1');
    expect(text).toContain('an alias of **snd\\_hda\\_intel**, **hello**');
    expect(text).toContain('board\\-a, kernel');
  });
});
