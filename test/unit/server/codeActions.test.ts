import { TextDocument } from 'vscode-languageserver-textdocument';
import { describe, expect, it } from 'vitest';
import { createLanguageService } from '../../../server/language/service';
import { carryOut, isAbout, openTexts } from './catalogue';
import { testCatalog } from './harness';

const FILE = '/etc/modprobe.d/test.conf';

async function actionsFor(text: string, code: string, path = FILE) {
  const { found, actions } = await openTexts({ [path]: text });
  const first = found.find(({ diagnostic }) => diagnostic.code === code);
  if (first === undefined) throw new Error(`nothing is found of ${code}`);
  const offered = await actions(first);
  return offered.filter((action) => isAbout(action, first.diagnostic));
}

/** The file after each of the fixes. */
async function fixesOf(text: string, code: string): Promise<(string | undefined)[]> {
  return (await actionsFor(text, code)).map((action) => carryOut({ [FILE]: text }, action)[FILE]);
}

describe('quick fixes', () => {
  it('change line ends by a command of the editor, where no edit can', async () => {
    const service = createLanguageService({
      catalog: await testCatalog(),
      editorCommands: () => ['kmod.changeLineEnds'],
    });
    const document = TextDocument.create(`file://${FILE}`, 'modprobe', 1, 'blacklist pcspkr\r\n');
    const [diagnostic] = service.validate(document).filter(({ code }) => code === 'invisible-character');
    if (diagnostic === undefined) throw new Error('nothing is found');
    const { signal } = new AbortController();
    const context = { diagnostics: [diagnostic] };
    const actions = await service.codeActions(document, diagnostic.range, context, signal);
    expect(actions.map(({ edit, command }) => [edit, command?.command, command?.arguments])).toEqual([
      [undefined, 'kmod.changeLineEnds', [document.uri]],
    ]);
  });

  it.each([
    ['options nouveau modest=0\n', 'unknown-parameter', 'options nouveau modeset=0\n'],
    ['teh quick\n', 'unknown-command', '# teh quick\n'],
    ['teh quick \\\n  fox\n', 'unknown-command', '# teh quick\n# fox\n'],
    [
      'modprobe.blacklist=pcspkr,drm e1000e.debug=1\n',
      'wrong-dialect',
      'blacklist pcspkr\nblacklist drm\noptions e1000e debug=1\n',
    ],
    ['blacklist nuoveau\n', 'unknown-module', 'blacklist nouveau\n'],
    ['blacklist snd_*\n', 'glob-ignored', 'blacklist snd_pcsp\nblacklist snd_hda_intel\n'],
    ['blacklist a\r\n# b\r\nblacklist c\r\n', 'invisible-character', 'blacklist a\n# b\nblacklist c\n'],
    ['blacklist a b c\n', 'extra-arguments', 'blacklist a\nblacklist b\nblacklist c\n'],
    ['alias eth[[:digit:]] e1000e\n', 'unbalanced-bracket', 'alias eth[0-9] e1000e\n'],
    ['alias a b\nalias b e1000e\n', 'alias-chain', 'alias a e1000e\nalias b e1000e\n'],
    ['alias nic off\n', 'alias-chain', 'blacklist nic\ninstall nic /bin/false\n'],
    ['options e1000e debug = 1\n', 'parameter-syntax', 'options e1000e debug=1\n'],
    [
      'install e1000e modprobe e1000e\n',
      'install-recursion',
      'install e1000e modprobe --ignore-install e1000e\n',
    ],
    ['options loop max_loop=8\n', 'builtin-no-effect', '# kernel command line: loop.max_loop=8\n'],
    [
      'options e1000e debug=1 IntMode=1\noptions e1000e debug=2\n',
      'parameter-overridden',
      'options e1000e IntMode=1\noptions e1000e debug=2\n',
    ],
    [
      'softdep e1000e pre: ptp\nsoftdep e1000e post: pcspkr\n',
      'softdep-shadowed',
      'softdep e1000e pre: ptp post: pcspkr\n',
    ],
  ])('%j: of %s', async (text, code, fixed) => {
    expect((await fixesOf(text, code))[0]).toBe(fixed);
  });

  it('move a line to where it belongs', async () => {
    const texts = { [FILE]: 'override e1000e * extra\nblacklist pcspkr\n' };
    const [action] = await actionsFor(texts[FILE] ?? '', 'wrong-dialect');
    expect(action && carryOut(texts, action)).toEqual({
      [FILE]: 'blacklist pcspkr\n',
      '/etc/depmod.d/test.conf': 'override e1000e * extra\n',
    });
    expect(await actionsFor(texts[FILE] ?? '', 'wrong-dialect', '/etc/modprobe.conf')).toEqual([]);
  });

  it('move a rule of udev to where it belongs', async () => {
    const rule = 'SUBSYSTEM=="net", RUN+="/sbin/modprobe x"\n';
    const [action] = await actionsFor(rule, 'wrong-dialect');
    expect(action && carryOut({ [FILE]: rule }, action)).toEqual({
      [FILE]: '',
      '/etc/udev/rules.d/test.rules': rule,
    });
  });

  it('open the file that stands in for another one, in editors that can', async () => {
    const texts = { [FILE]: 'blacklist pcspkr\n', '/lib/modprobe.d/test.conf': 'blacklist drm\n' };
    const { found, actions } = await openTexts(texts, {}, ['kmod.openLine']);
    const opened = await Promise.all(
      found.filter(({ diagnostic }) => diagnostic.code === 'file-masked').map((each) => actions(each)),
    );
    expect(opened.map(([action]) => [action?.title, action?.command?.arguments])).toEqual([
      ['Open /lib/modprobe.d/test.conf', ['file:///lib/modprobe.d/test.conf']],
      [`Open ${FILE}`, [`file://${FILE}`]],
    ]);
  });

  it('prefer none where there is a choice', async () => {
    const preferred = async (text: string, code: string) =>
      (await actionsFor(text, code)).map(({ isPreferred }) => isPreferred === true);
    expect(await preferred('Blacklist pcspkr\n', 'unknown-command')).toEqual([true]);
    expect(await preferred('options btusb enable_autosuspend=2\n', 'bad-parameter-value')).toEqual([
      false,
      false,
    ]);
  });

  it('are not looked for where nothing was found, and come only when they are asked for', async () => {
    const document = TextDocument.create(`file://${FILE}`, 'modprobe', 1, '  # late\n');
    const service = createLanguageService({ catalog: await testCatalog() });
    const range = { start: document.positionAt(0), end: document.positionAt(4) };
    const { signal } = new AbortController();
    const kinds = async (context: Parameters<typeof service.codeActions>[2]) =>
      (await service.codeActions(document, range, context, signal)).map(({ kind }) => kind);
    const diagnostics = service.validate(document);
    expect(await kinds({ diagnostics: [] })).toEqual([]);
    expect(await kinds({ diagnostics })).toEqual(['quickfix']);
    expect(await kinds({ diagnostics, only: ['refactor'] })).toEqual([]);
    expect(await kinds({ diagnostics: [], only: ['source.fixAll'] })).toEqual(['source.fixAll.kmod']);
  });
});
