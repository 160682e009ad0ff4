import { describe, expect, it } from 'vitest';
import { CachedCatalog } from '../../../server/catalog/cachedCatalog';
import { diagnosticsIn, findingsIn, moduleInfo, open, SILENT, sourceOf, testCatalog } from './harness';

const messagesIn = async (text: string) => (await diagnosticsIn(text)).map(({ message }) => message);

describe('lines that kmod drops', () => {
  it('finds nothing in a good file', async () => {
    const good = [
      '# a comment',
      '',
      'alias my-name snd-hda-intel',
      'blacklist snd_hda_intel',
      'options hello count=3 who="you all" loud-ly=1 dyndbg=+p',
      'install pseudo /sbin/modprobe hello && /sbin/modprobe -i pseudo $CMDLINE_OPTS',
      'softdep hello pre: chain-base char-major-10-200 post: pseudo',
      'remove * /bin/true',
      'alias usb:v1234* off',
      '',
    ].join('\n');
    expect(await findingsIn(good)).toEqual([]);
  });

  it('unknown-command: a word that is no command, with the one that was meant', async () => {
    expect(await findingsIn('bogus a b')).toEqual([['unknown-command', 'bogus']]);
    expect(await messagesIn('Blacklist a\noption a b=1')).toEqual([
      "kmod ignores this line: 'Blacklist' is no command (commands are lower case: 'blacklist')",
      "kmod ignores this line: 'option' is no command (did you mean 'options'?)",
    ]);
  });

  it('missing-argument: a command that lacks a word', async () => {
    expect(await messagesIn('options hello\nalias x\n')).toEqual([
      "kmod drops this line, it lacks option...: 'options modulename option...'",
      "kmod drops this line, it lacks modulename: 'alias wildcard modulename'",
    ]);
  });

  it('unbalanced-bracket: the word with the bracket', async () => {
    expect(await findingsIn('alias a[bc hello')).toEqual([['unbalanced-bracket', 'a[bc']]);
  });

  it('deprecated-command: include and config, and those of depmod', async () => {
    expect(await findingsIn('include /etc/x')).toEqual([['deprecated-command', 'include']]);
    expect(await findingsIn('make_map_files no', 'depmod')).toEqual([
      ['deprecated-command', 'make_map_files'],
    ]);
  });

  it('indented-comment: a # that is not in column 1', async () => {
    expect(await findingsIn('blacklist hello\n  # why\n')).toEqual([['indented-comment', '# why']]);
  });

  it('wrong-dialect: lines that belong elsewhere', async () => {
    const dialects = {
      'modprobe.blacklist=a,b': 'kernel command line',
      'hello.count=3': 'kernel command line',
      'override hello * extra': 'depmod.d',
      'pre-install hello /bin/true': 'modutils',
      hello: 'modules-load.d',
      'ACTION=="add", SUBSYSTEM=="net", RUN+="x"': 'udev',
    };
    for (const [line, dialect] of Object.entries(dialects)) {
      const [found] = await diagnosticsIn(line);
      expect(found?.code).toBe('wrong-dialect');
      expect(found?.message).toContain(dialect);
    }
    expect(await findingsIn('blacklist hello', 'depmod')).toEqual([['wrong-dialect', 'blacklist']]);
    expect(await findingsIn('options hello a=1', 'modules-load')).toEqual([
      ['wrong-dialect', 'options hello a=1'],
    ]);
  });

  it('softdep-syntax: words that are in no list', async () => {
    expect(await findingsIn('softdep hello chain_base pre: chain_base')).toEqual([
      ['softdep-syntax', 'chain_base'],
    ]);
    const [found, ...more] = await diagnosticsIn('softdep hello  pre: chain_base');
    expect(found?.message).toContain('after exactly two blanks');
    expect(more).toEqual([]);
  });

  it('modules-load-line: more than a name', async () => {
    expect(await findingsIn('hello # why', 'modules-load')).toEqual([['modules-load-line', 'hello # why']]);
    expect(await findingsIn('hello chain_base', 'modules-load')).toEqual([
      ['modules-load-line', 'hello chain_base'],
    ]);
    expect(await findingsIn('hello\\', 'modules-load')).toEqual([['modules-load-line', 'hello\\']]);
    expect(await findingsIn('# c\n; c\n\thello \r\nchain-base', 'modules-load')).toEqual([]);
  });
});

describe('invisible-character', () => {
  it('names what becomes a part of a word', async () => {
    expect(await messagesIn('blacklist\u00A0hello')).toEqual([
      'a no-break space becomes a part of the word: remove it',
    ]);
    expect(await messagesIn('\uFEFFblacklist hello')).toEqual([
      'a byte order mark becomes a part of the word: remove it',
    ]);
    expect(await messagesIn('alias a hello\0 x')).toEqual(['NUL ends the line for kmod: remove it']);
  });

  it('counts the lines that end in CR LF, once', async () => {
    const [found, ...more] = await diagnosticsIn('# c\r\nblacklist hello\r\n\r\nalias a hello\r\n');
    expect(found?.message).toMatch(/^3 lines end in CR LF/);
    expect(more).toEqual([]);
  });

  it('leaves out what the reader of the word takes for a blank', async () => {
    expect(await findingsIn('options hello count=1\r\nsoftdep hello pre: chain_base\r\n')).toEqual([]);
    expect(await findingsIn('install x echo "a\u00A0b"\n')).toEqual([]);
  });
});

describe('continuation-trap', () => {
  it('a comment that swallows a line', async () => {
    expect(await findingsIn('# c \\\nblacklist hello\n')).toEqual([['continuation-trap', '\\']]);
    expect(await findingsIn('# c \\\n# d\nblacklist hello\n')).toEqual([]);
  });

  it('a # line inside a continuation', async () => {
    expect(await findingsIn('softdep hello pre: \\\n # c\n')).toContainEqual(['continuation-trap', '# c']);
  });

  it('blanks after the backslash, and a backslash at the end of the file', async () => {
    expect(await findingsIn('options hello count=1 \\ \n')).toEqual([['continuation-trap', '\\ ']]);
    expect(await findingsIn('blacklist hello\\')).toEqual([['continuation-trap', '\\']]);
  });
});

describe('modules and parameters', () => {
  it('unknown-module: names of no module or alias, and whose kernel was asked', async () => {
    const text =
      'blacklist nope\nalias x nope2\nsoftdep hello pre: nope3 post: chain_base\noptions nope4 a=1\n';
    const found = await diagnosticsIn(text);
    expect(found.map(({ code, marked }) => [code, marked])).toEqual([
      ['unknown-module', 'nope'],
      ['unknown-module', 'nope2'],
      ['unknown-module', 'nope3'],
      ['unknown-module', 'nope4'],
    ]);
    expect(found[0]?.message).toBe("no module or alias 'nope' in kernel 6.1.0-test (board-a)");
    expect(await findingsIn('nope', 'modules-load')).toEqual([['unknown-module', 'nope']]);
  });

  it('unknown-parameter: with the parameter that was meant', async () => {
    expect(
      (await diagnosticsIn('options hello cuont=1 hello.who=x # why')).map(({ message }) => message),
    ).toEqual([
      "modinfo lists no parameter 'cuont' of hello in kernel 6.1.0-test (board-a); the kernel ignores one that does not exist (did you mean 'count'?)",
      "modinfo lists no parameter 'hello.who' of hello in kernel 6.1.0-test (board-a); the kernel ignores one that does not exist (write it without 'hello.')",
      'this is no comment: its words are passed to the module as parameters; move it to a line of its own',
    ]);
  });

  it('unknown-parameter: not for what only the symbols of the file tell, and sure where these are known', async () => {
    const hello = moduleInfo('hello', 'parmtype=count:int');
    const source = {
      ...sourceOf([hello], []),
      parameters: () => Promise.resolve(new Set(['count', 'start_ro'])),
    };
    const found = await diagnosticsIn(
      'options hello start-ro=1 nope=1',
      'modprobe',
      new CachedCatalog(source, SILENT),
    );
    expect(found.map(({ message }) => message)).toEqual([
      "hello has no parameter 'nope' in kernel 6.1.0-test (board-a); the kernel ignores one that does not exist",
    ]);
  });

  it('blacklist-not-absolute: names the dependants that bring a module, those of blacklisted ones too', async () => {
    const modules = [
      moduleInfo('base'),
      moduleInfo('middle', 'depends=base'),
      moduleInfo('stopped', 'depends=base'),
      ...['a', 'b', 'c', 'd'].map((name) => moduleInfo(name, 'depends=middle')),
    ];
    const told = async (text: string) => {
      const catalog = await testCatalog(modules, []);
      const found = await diagnosticsIn(text, 'modprobe', catalog);
      return found.filter(({ code }) => code === 'blacklist-not-absolute').map(({ message }) => message);
    };
    const isLoaded = (who: string) =>
      `base is loaded all the same: as a dependency of ${who}; 'install base /bin/false' stops that`;
    expect(await told('blacklist base\nblacklist a')).toEqual([isLoaded('middle, stopped')]);
    const stopped = 'install stopped /bin/false\nblacklist middle\n';
    const [first, ...rest] = await told(`${stopped}blacklist base`);
    expect(first).toContain('middle is loaded all the same: as a dependency of a, b, c and 1 more;');
    expect(rest).toEqual([isLoaded('a, b, c and 1 more')]);
    expect(await told(`${stopped}${'abcd'.replace(/./g, 'blacklist $&\n')}blacklist base`)).toEqual([]);
    expect(await told('blacklist a')).toEqual([]);
  });

  it('depmod-never-matches: a name whose file is spelled with - or _', async () => {
    const source = {
      ...sourceOf([moduleInfo('snd_hda_intel'), moduleInfo('e1000e')], []),
      fileName: (name: string) => Promise.resolve(name.replaceAll('_', '-')),
    };
    const catalog = new CachedCatalog(source, SILENT);
    const text = 'override snd_hda_intel * extra\noverride snd-hda-intel * extra\noverride e1000e * extra\n';
    expect((await diagnosticsIn(text, 'depmod', catalog)).map(({ message }) => message)).toEqual([
      "'snd_hda_intel' never matches: the file is snd-hda-intel.ko, and - is not _ here",
    ]);
  });

  it('stays silent while the modules are not known', async () => {
    const text = 'blacklist nope\noptions hello nope=1\n';
    const never = new CachedCatalog(
      { ...sourceOf([]), readIndex: () => new Promise(() => undefined) },
      SILENT,
    );
    expect(await findingsIn(text, 'modprobe', never)).toEqual([]);
  });

  it('calls nothing unknown where the aliases are not known', async () => {
    const catalog = new CachedCatalog(sourceOf([moduleInfo('hello')]), SILENT);
    await catalog.names(new AbortController().signal);
    expect(await findingsIn('blacklist fs-ext4', 'modprobe', catalog)).toEqual([]);
  });

  it('speaks of a module once its facts are read', async () => {
    const catalog = new CachedCatalog(sourceOf([moduleInfo('hello')], []), SILENT);
    const learned = new Promise<void>((resolve) =>
      catalog.onDidChange(() => {
        if (catalog.peekInfo('hello') && catalog.peekParameters('hello')) resolve();
      }),
    );
    const { service, document } = await open('options hello nope=1', 'modprobe', catalog);
    expect(service.validate(document)).toEqual([]);
    await learned;
    expect(service.validate(document)).toMatchObject([{ code: 'unknown-parameter' }]);
  });

  it('finds nothing in an empty file of each language', async () => {
    const catalog = await testCatalog();
    for (const language of ['modprobe', 'depmod', 'modules-load'] as const) {
      expect(await findingsIn('', language, catalog)).toEqual([]);
    }
  });
});
