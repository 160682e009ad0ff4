import { describe, expect, it } from 'vitest';
import { apply, completionsAt, hoverAt, labelsAt, moduleInfo, open, testCatalog } from './harness';

const MODULES = ['hello', 'chain_base', 'snd_hda_intel'];
/** And the aliases of modules that are no patterns. */
const NAMES = [...MODULES, 'fs-ext4'];
const DIRECTIVES = ['alias', 'blacklist', 'install', 'options', 'remove', 'softdep', 'weakdep'];

describe('completion', () => {
  it('offers the commands where a line starts, with what they mean', async () => {
    for (const text of ['|', 'blacklist a\n|', '# c\n  |\n', 'opt|', 'opt|ions']) {
      expect(await labelsAt(text)).toEqual(DIRECTIVES);
    }
    const [alias] = await completionsAt('|');
    expect(alias?.documentation).toMatchObject({ kind: 'markdown' });
  });

  it('offers nothing in a comment, in a shell command, or behind a word that is no command', async () => {
    for (const text of ['# opt|', 'install hello /bin/|', 'bogus |'])
      expect(await labelsAt(text)).toEqual([]);
  });

  it.each(['blacklist |', 'blacklist hel|', 'alias x |', 'install |', 'remove h|', 'weakdep |'])(
    'offers modules in %j',
    async (text) => {
      expect(await labelsAt(text)).toEqual(MODULES);
    },
  );

  it.each(['options |', 'weakdep hello |'])(
    'offers modules and what they are also called in %j',
    async (text) => {
      expect(await labelsAt(text)).toEqual(NAMES);
    },
  );

  it('offers the buses for the pattern of an alias, then the devices that modules drive', async () => {
    expect(await labelsAt('alias p|')).toEqual(expect.arrayContaining(['fs-ext4', 'pci:', 'usb:']));
    expect(await labelsAt('alias pci:v00001234|')).toEqual(['pci:v00001234d000011E8sv*sd*bc*sc*i*']);
    expect(await labelsAt('alias net:|')).toEqual([]);
    const { service, document, position, signal } = await open('alias pci:|');
    expect((await service.complete(document, position, signal)).isIncomplete).toBe(true);
  });

  it('tells the modules that an alias stands for when it is looked at', async () => {
    const { service, document, position, signal } = await open('options fs|');
    const { items } = await service.complete(document, position, signal);
    const alias = items.find(({ label }) => label === 'fs-ext4');
    if (alias === undefined) throw new Error('the alias is not offered');
    expect((await service.resolveCompletion(alias, signal)).detail).toBe('alias of snd_hda_intel, hello');
  });

  it('offers no module for the name that an alias makes up', async () => {
    expect(await labelsAt('alias |')).toEqual([]);
  });

  it('offers modules, pre: and post: in the list of a softdep', async () => {
    for (const text of ['softdep hello |', 'softdep hello pre: |', 'softdep hello pre: ch| post: x']) {
      expect(await labelsAt(text)).toEqual(['pre:', 'post:', ...NAMES]);
    }
  });

  it('offers the parameters of the module that are not set yet', async () => {
    expect(await labelsAt('options hello |')).toEqual(['count', 'who', 'loud_ly']);
    expect(await labelsAt('options hello count=1 |')).toEqual(['who', 'loud_ly']);
    expect(await labelsAt('options hello cou|nt=1 loud-ly=1')).toEqual(['count', 'who']);
    expect(await labelsAt('options hello \\\n  count=1 \\\n  w|')).toEqual(['who', 'loud_ly']);
  });

  it('tells a parameter with its type and description', async () => {
    const [count] = await completionsAt('options hello |');
    expect(count).toMatchObject({ label: 'count', detail: 'int' });
    expect(JSON.stringify(count?.documentation)).toContain('How often to greet');
  });

  it('offers no parameter in a value', async () => {
    expect(await labelsAt('options hello who=|')).toEqual([]);
  });

  it('offers the values that the type or the description of a parameter names', async () => {
    expect(await labelsAt('options hello loud-ly=|')).toEqual(['Y', 'N', '1', '0']);
    const level = moduleInfo('level', 'parm=mode:Mode (0=off, 1=on)', 'parmtype=mode:array of int');
    const catalog = await testCatalog([level]);
    const items = await completionsAt('options level mode=0,|1 x', 'modprobe', catalog);
    expect(items.map(({ label, detail }) => [label, detail])).toEqual([
      ['0', 'off'],
      ['1', 'on'],
    ]);
    expect(items[0] && apply('options level mode=0,|1 x', items[0])).toBe('options level mode=0,0 x');
  });

  it('offers the aliases of the configuration, with what they stand for', async () => {
    const items = await completionsAt('alias my-sound snd_hda_intel\nalias x* a\nsoftdep x pre: |');
    expect(items).toContainEqual(
      expect.objectContaining({ label: 'my_sound', detail: 'alias of snd_hda_intel' }),
    );
    expect(items.map(({ label }) => label)).not.toContain('x*');
  });

  it('writes a whole line for an editor that takes snippets, where none is there yet', async () => {
    const texts = async (marked: string) => {
      const { service, document, position, signal } = await open(marked);
      const { items } = await service.complete(document, position, signal, { snippets: true });
      return items.map(({ textEdit }) => textEdit?.newText);
    };
    expect(await texts('|')).toEqual([
      'alias ${1:wildcard} ${2:modulename}',
      'blacklist ${1:modulename}',
      'install ${1:modulename} ${2:command}',
      'options ${1:modulename} ${2:option}',
      'remove ${1:modulename} ${2:command}',
      'softdep ${1:modulename} pre: ${2:modules} post: ${3:modules}',
      'weakdep ${1:modulename} ${2:modules}',
    ]);
    expect(await texts('opt|ions hello')).toContain('options');
  });

  it('replaces the word at the cursor, whatever stands around it', async () => {
    const cases = {
      'opt|ions hello count=1': 'alias hello count=1',
      'blacklist 😀 |x': 'blacklist 😀 |x',
      'options hello count=1 w|': 'options hello count=1 who=',
      'softdep hello pre: ch|ain post: x': 'softdep hello pre: pre: post: x',
      'options hello \\\n  w|': 'options hello \\\n  count=',
    };
    for (const [text, expected] of Object.entries(cases)) {
      const [first] = await completionsAt(text);
      expect(first === undefined ? text : apply(text, first)).toBe(expected);
    }
  });

  it('keeps the range of a word that goes on behind a continuation on the line of the cursor', async () => {
    const [first] = await completionsAt('blacklist he\\\nl|lo');
    expect(first?.textEdit).toMatchObject({
      range: { start: { line: 1, character: 0 }, end: { line: 1, character: 3 } },
    });
  });

  it('spells modules with - for those who do', async () => {
    expect(await labelsAt('blacklist snd-|')).toContain('snd-hda-intel');
  });

  it('offers modules in modules-load.d', async () => {
    expect(await labelsAt('|', 'modules-load')).toEqual(NAMES);
    expect(await labelsAt('hello\nsn|', 'modules-load')).toEqual(NAMES);
    expect(await labelsAt('# sn|', 'modules-load')).toEqual([]);
  });

  it('offers the commands and words of depmod.d', async () => {
    expect(await labelsAt('|', 'depmod')).toEqual(['search', 'override', 'external', 'exclude']);
    expect(await labelsAt('search extra |', 'depmod')).toEqual(['updates', 'built-in', 'external']);
    expect(await labelsAt('override hello |', 'depmod')).toEqual(['*']);
  });

  it('describes a module when it is looked at', async () => {
    const { service, document, position, signal } = await open('blacklist |');
    const [hello] = (await service.complete(document, position, signal)).items;
    expect(hello?.documentation).toBeUndefined();
    const resolved = hello && (await service.resolveCompletion(hello, signal));
    expect(resolved?.detail).toBe('Greets from the kernel');
    expect(resolved?.documentation).toEqual({ kind: 'markdown', value: await hoverAt('blacklist hel|lo') });
  });
});
