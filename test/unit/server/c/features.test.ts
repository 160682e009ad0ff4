import { TextDocument } from 'vscode-languageserver-textdocument';
import type { CompletionItem, MarkupContent } from 'vscode-languageserver-types';
import { describe, expect, it } from 'vitest';
import { openSource, type SourceOptions } from './harness';

async function completions(marked: string, options?: SourceOptions): Promise<CompletionItem[]> {
  const opened = await openSource(marked, options);
  return opened.completions.at(opened.document, opened.position, opened.signal);
}

const labels = async (marked: string, options?: SourceOptions) =>
  (await completions(marked, options)).map(({ label }) => label);

/** The text after a completion is taken. */
async function taken(marked: string, label: string): Promise<string> {
  const item = (await completions(marked)).find((candidate) => candidate.label === label);
  if (item?.textEdit === undefined || !('range' in item.textEdit)) throw new Error(`no completion ${label}`);
  return TextDocument.applyEdits(TextDocument.create('file:///t', 'c', 1, marked.replace('|', '')), [
    item.textEdit,
  ]);
}

async function hover(marked: string, options?: SourceOptions): Promise<string | undefined> {
  const { hovers, document, position, signal } = await openSource(marked, options);
  const found = await hovers.at(document, position, signal);
  return found && (found.contents as MarkupContent).value;
}

describe('completion', () => {
  it('offers licences, in quotes or without them', async () => {
    expect(await labels('MODULE_LICENSE("|");')).toContain('Dual MIT/GPL');
    expect(await taken('MODULE_LICENSE("|");', 'GPL')).toBe('MODULE_LICENSE("GPL");');
    expect(await taken('MODULE_LICENSE("|\nint x;', 'GPL')).toBe('MODULE_LICENSE("GPL\nint x;');
    expect(await taken('MODULE_LICENSE("Dual| BSD");', 'Dual BSD/GPL')).toBe(
      'MODULE_LICENSE("Dual BSD/GPL");',
    );
    expect(await taken('MODULE_LICENSE(|);', 'GPL')).toBe('MODULE_LICENSE("GPL");');
  });

  it('offers the types and permissions of parameters', async () => {
    expect(await taken('module_param(a, i|, 0);', 'uint')).toBe('module_param(a, uint, 0);');
    expect(await taken('module_param(a, int, |', '0444')).toBe('module_param(a, int, 0444');
    expect(await taken('module_param_named(a, b.c, |, 0);', 'bool')).toBe(
      'module_param_named(a, b.c, bool, 0);',
    );
  });

  it('offers the parameters of the module, those without a description first', async () => {
    const text = 'module_param(a, int, 0);\nMODULE_PARM_DESC(a, "");\nMODULE_PARM_DESC(|';
    const items = await completions(text, { others: { 'b.c': 'module_param(b, int, 0);' } });
    const sorted = items.sort((x, y) => (String(x.sortText) < String(y.sortText) ? -1 : 1));
    expect(sorted.map(({ label }) => label)).toEqual(['b', 'a']);
  });

  it('offers the words of soft dependencies, and the tables of devices', async () => {
    expect(await labels('MODULE_SOFTDEP("|");')).toEqual(
      expect.arrayContaining(['pre:', 'post:', 'chain_base']),
    );
    expect(await taken('MODULE_SOFTDEP("pre: ch|");', 'chain_base')).toBe(
      'MODULE_SOFTDEP("pre: chain_base");',
    );
    expect(await taken('MODULE_DEVICE_TABLE(o|, ids);', 'of')).toBe('MODULE_DEVICE_TABLE(of, ids);');
  });

  it('offers the macros at the start of a line', async () => {
    expect(await labels('int x;\nMODULE_L|')).toEqual(['MODULE_LICENSE']);
    expect(await taken('module_par|', 'module_param_named')).toBe('module_param_named');
  });

  it.each([
    'int |',
    '|',
    'm|',
    '\tmodule_pa|',
    'x = module_pa|',
    '/*\nmodule_pa|\n*/',
    'module_param(|, int, 0)',
    'MODULE_AUTHOR("|")',
    'printk("|")',
  ])('offers nothing in %j', async (marked) => {
    expect(await labels(marked)).toEqual([]);
  });

  it('offers nothing where no module is built', async () => {
    expect(await labels('MODULE_LICENSE("|");', { modules: undefined })).toEqual([]);
    expect(await labels('MODULE_L|', { modules: undefined })).toEqual([]);
  });
});

describe('hover', () => {
  it('tells what a macro does', async () => {
    expect(await hover('module_pa|ram(a, int, 0);')).toContain('module_param(name, type, perm)');
  });

  it('tells what its arguments mean', async () => {
    expect(await hover('MODULE_LICENSE("G|PL");')).toContain('GNU General Public License');
    expect(await hover('module_param(a, ch|arp, 0);')).toContain('char');
    expect(await hover('module_param(a, int, 06|44);')).toBe(
      '**0644** — ` rw-r--r-- ` in /sys/module/MODULE/parameters',
    );
    expect(await hover('module_param(a, int, 06|66);')).toContain('everybody could write');
    expect(await hover('MODULE_DEVICE_TABLE(p|ci, ids);')).toContain('struct pci');
  });

  it('tells a parameter as modinfo does, and how it is set', async () => {
    const text = 'module_param(a, int, 0);\nMODULE_PARM_DESC(|a, "How " "many");';
    expect(await hover(text)).toBe('**a** (int)\n\nHow many\n\n` insmod x.ko a=… `');
  });

  it.each([
    'in|t x;',
    'module_param_named(a, b|, int, 0);',
    'MODULE_LICENSE("none|");',
    'MODULE_AUTHOR("a|");',
  ])('tells nothing of %j', async (marked) => {
    expect(await hover(marked)).toBeUndefined();
  });

  it('tells nothing where no module is built', async () => {
    expect(await hover('module_in|it(f);', { modules: undefined })).toBeUndefined();
  });
});
