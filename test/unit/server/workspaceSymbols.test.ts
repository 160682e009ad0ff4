import { expect, it } from 'vitest';
import { openFiles } from './memoryFiles';

const FILES = {
  '/etc/modprobe.d/a.conf': 'alias my-sound snd_hda_intel\nbogus x\n',
  '/etc/modules-load.d/c.conf': 'loop\n',
};

it('finds the lines of all files by the letters of what they are about', async () => {
  const { service, told } = await openFiles(FILES);
  const find = async (query: string) =>
    (await service.workspaceSymbols(query)).map(({ name, location }) =>
      'range' in location ? `${name} ${told(location.uri, location.range)}` : name,
    );
  expect(await find('')).toEqual(['alias my-sound a.conf:1 my-sound', 'loop c.conf:1 loop']);
  expect(await find('mySnd')).toEqual(['alias my-sound a.conf:1 my-sound']);
  expect(await find('my_s')).toEqual(['alias my-sound a.conf:1 my-sound']);
  expect(await find('nope')).toEqual([]);
});
