import { describe, expect, it } from 'vitest';
import { moduleInfo, open, testCatalog } from './harness';

async function helpAt(marked: string, catalog?: Awaited<ReturnType<typeof testCatalog>>) {
  const { service, document, position, signal } = await open(marked, 'modprobe', catalog);
  const help = await service.signatureHelp(document, position, signal);
  const signature = help?.signatures[0];
  const active = signature?.parameters?.[help?.activeParameter ?? -1];
  const [start, end] = active?.label ?? [];
  return (
    signature && {
      label: signature.label,
      active: signature.label.slice(Number(start), Number(end)),
      documentation: JSON.stringify(active?.documentation),
    }
  );
}

describe('signature help', () => {
  it.each([
    ['options hello count=|', 'count=int'],
    ['options hello count=1| who=x', 'count=int'],
    ['options hello count=1 who="a |b"', 'who=charp'],
    ['options hello loud-ly=|', 'loud_ly=bool'],
    ['options hello co|unt=1', 'count=int'],
    ['options hello \\\n  count=|', 'count=int'],
  ])('tells the parameter in %j', async (text, active) => {
    expect(await helpAt(text)).toMatchObject({
      label: 'hello count=int who=charp loud_ly=bool',
      active,
    });
  });

  it('tells what the parameter does, and whose it is', async () => {
    const help = await helpAt('options hello count=|');
    expect(help?.documentation).toContain('How often to greet');
    expect(help?.documentation).toContain('board');
  });

  it.each([
    'options hello |',
    'options hello nope=|',
    'options nope x=|',
    '# options hello count=|',
    'blacklist hel|lo',
  ])('says nothing in %j', async (text) => {
    expect(await helpAt(text)).toBeUndefined();
  });

  it('shows one parameter of a module that has many', async () => {
    const parameters = Array.from({ length: 40 }, (_, i) => `parmtype=number${i}:int`);
    const catalog = await testCatalog([moduleInfo('many', ...parameters)]);
    expect(await helpAt('options many number7=|', catalog)).toMatchObject({
      label: 'many number7=int',
      active: 'number7=int',
    });
  });
});
