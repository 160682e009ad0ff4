import { describe, expect, it } from 'vitest';
import { ModuleTree } from '../../../../kmod/tree/moduleTree';
import { searchTree, type ParameterTable, type SearchHit } from '../../../../kmod/tree/search';

const FILES: Readonly<Record<string, string>> = {
  'modules.dep': 'kernel/net.ko:\nkernel/virtio_net.ko:\nkernel/netdev-sim.ko:\n',
  'modules.alias':
    'alias virtio:d00000001v* virtio_net\nalias virtio:d00000009v* virtio_net\nalias net-sim* netdev_sim',
  'modules.symbols': 'alias symbol:Net_register netdev_sim\nalias symbol:virtio_find virtio_net\n',
  'modules.builtin.modinfo': 'unix.alias=net-pf-1\0',
};
const tree = ModuleTree.of((file) => (FILES[file] === undefined ? undefined : Buffer.from(FILES[file])));
const parameters: ParameterTable = new Map([['virtio_net', ['napi_tx:Use NAPI for sending (bool)']]]);

const search = (text: string, limit = 10): SearchHit[] => searchTree(tree, text, parameters, limit);
const modules = (text: string, what: SearchHit['what']): string[] =>
  search(text)
    .filter((hit) => hit.what === what)
    .map(({ module }) => module);

describe('A search among modules', () => {
  it('finds names, the whole name first and then beginnings', () => {
    expect(modules('net', 'name')).toEqual(['net', 'netdev_sim', 'virtio_net']);
    expect(modules('NETDEV-S', 'name')).toEqual(['netdev_sim']);
  });

  it('finds what a whole modalias stands for', () => {
    expect(search('virtio:d00000001v0A')).toEqual([
      { module: 'virtio_net', what: 'device', text: 'virtio:d00000001v0A' },
    ]);
  });

  it('finds aliases, also of built-in modules, once for each module', () => {
    expect(search('virtio:d')).toEqual([{ module: 'virtio_net', what: 'alias', text: 'virtio:d00000001v*' }]);
    expect(modules('net_pf', 'alias')).toEqual(['unix']);
    expect(modules('net_sim*', 'alias')).toEqual(['netdev_sim']);
  });

  it('finds symbols in any case, and not the words around them', () => {
    expect(search('net_REG')).toEqual([{ module: 'netdev_sim', what: 'symbol', text: 'Net_register' }]);
    expect(search('symbol')).toEqual([]);
  });

  it('finds parameters by name and description', () => {
    const text = 'napi_tx:Use NAPI for sending (bool)';
    expect(search('napi-tx')).toEqual([{ module: 'virtio_net', what: 'parameter', text }]);
    expect(search('for send')).toEqual([{ module: 'virtio_net', what: 'parameter', text }]);
  });

  it('takes no more than it is told to', () => {
    expect(search('net', 1).filter(({ what }) => what === 'name')).toHaveLength(1);
  });

  it('finds nothing for nothing', () => {
    expect(search('  ')).toEqual([]);
  });
});
