import type { ModuleContents } from '../../../kmod/contents';
import { allValues, firstValue, type ModuleInfo } from '../../../kmod/modinfo';
import { parseVermagic } from '../../../kmod/vermagic';
import type { OpenedModule } from '../../kernel/openModuleFile';
import { formatSize } from '../../kernel/formatSize';
import { moduleTables } from './moduleTables';
import type { Cell, CellContent, Fact, FactGroup, Page } from './page';
import { memorySize, sizeBar } from './sections';

/** Where a module's file was read. */
export interface RemotePlace {
  readonly target: string;
  /** Of the kernel that the target runs. */
  readonly release: string;
}

/**
 * What is shown of a module file as soon as it is read; what takes longer follows (surroundings.ts).
 * @param remote absent: it lies on this machine
 */
export function modulePage(opened: OpenedModule, remote?: RemotePlace): Page {
  const { contents } = opened;
  const { info } = contents;
  return {
    title: info.name,
    subtitle: firstValue(info, 'version') ?? '',
    description: firstValue(info, 'description') ?? '',
    ...(remote === undefined
      ? {}
      : { place: `The module that is installed on ${remote.target}, which runs ${remote.release}.` }),
    badges: badges(contents),
    facts: facts(opened, remote),
    sizes: [sizeBar(`${sizeText(opened)}, ${memorySize(contents)} in memory`, contents)],
    tables: moduleTables(contents),
    actions: [
      'copy',
      'text',
      'compare',
      ...(allValues(info, 'alias').length > 0 ? ['devices' as const] : []),
    ],
  };
}

const sizeText = ({ size, compressed, contents }: OpenedModule): string =>
  compressed
    ? `${formatSize(size)} in the file, ${formatSize(contents.size)} uncompressed`
    : `${formatSize(size)} in the file`;

/** What one asks first: may it be loaded, where, and what does the kernel say of it. */
function badges({ info, taints }: ModuleContents): Cell[] {
  const license = firstValue(info, 'license');
  const letters = taints.map(({ letter }) => letter).join(', ');
  return [
    license === undefined ? { text: 'no licence', tone: 'warning' } : { text: license },
    ...(info.architecture === undefined ? [] : [{ text: info.architecture }]),
    ...releaseOf(info).map((text) => ({ text })),
    { text: info.signed === true ? 'signed' : 'not signed' },
    ...(taints.length === 0 ? [] : [{ text: `taints the kernel (${letters})`, tone: 'warning' as const }]),
  ];
}

function releaseOf(info: ModuleContents['info']): string[] {
  const vermagic = firstValue(info, 'vermagic');
  return vermagic === undefined ? [] : [parseVermagic(vermagic).release];
}

function facts({ file, size, contents }: OpenedModule, remote: RemotePlace | undefined): FactGroup[] {
  const { info } = contents;
  const vermagic = firstValue(info, 'vermagic');
  const { release, flags } = parseVermagic(vermagic ?? '');
  return [
    group('Module', [
      fact('Author', allValues(info, 'author')),
      fact('Licence', allValues(info, 'license')),
      fact('Srcversion', allValues(info, 'srcversion'), true),
      fact('Firmware', allValues(info, 'firmware'), true),
      fact('Imports', allValues(info, 'import_ns').map(namespaceCell), true),
    ]),
    group('Built for', [
      fact('Kernel', vermagic === undefined ? [{ text: 'no vermagic', tone: 'warning' }] : [release]),
      fact('Flags', flags.length === 0 ? [] : [flags.join(' ')]),
      fact('Machine', [
        `${info.architecture ?? 'unknown'}, ${contents.bits} bits, ${contents.byteOrder} endian`,
      ]),
    ]),
    group('Functions', functionFacts(contents)),
    group(
      'Taints',
      contents.taints.map(({ letter, reason, onlyWith }) =>
        fact(letter, [onlyWith === undefined ? reason : { text: reason, note: `(only with ${onlyWith})` }]),
      ),
    ),
    group('Signature', signatureFacts(info)),
    group('File', [
      fact('Target', remote === undefined ? [] : [remote.target]),
      fact('Path', [file]),
      fact('Size', [`${formatSize(size)} (${size.toLocaleString('en-US')} bytes)`]),
      fact('Build ID', info.buildId === undefined ? [] : [info.buildId], true),
    ]),
  ].filter((one) => one.facts.length > 0);
}

/** Of symbols that are exported for those alone that import it (MODULE_IMPORT_NS). */
const namespaceCell = (namespace: string): Cell => ({ text: namespace, note: '(namespace)' });

/** What has an init function and no exit function is never unloaded (kernel/module/main.c, delete_module). */
function functionFacts({ init, exit, stripped }: ModuleContents): Fact[] {
  if (stripped) {
    return [fact('Init', ['unknown: the file has no symbols'])];
  }
  const permanent = init !== undefined && exit === undefined;
  return [
    fact('Init', [init ?? 'none'], init !== undefined),
    fact(
      'Exit',
      [exit ?? (permanent ? { text: 'none: it can not be unloaded', tone: 'warning' } : 'none')],
      exit !== undefined,
    ),
  ];
}

function signatureFacts({ signed, signature }: ModuleInfo): Fact[] {
  if (signature === undefined) {
    return signed === true
      ? [fact('Signer', ['unknown: modinfo does not read this kind, or it is damaged'])]
      : [];
  }
  return [
    fact('Signer', [signature.signer]),
    fact('Key', [signature.keyId], true),
    fact('Digest', [`${signature.hashAlgorithm}, ${signature.idType}`]),
  ];
}

const group = (title: string, facts: readonly Fact[]): FactGroup => ({
  title,
  facts: facts.filter(({ values }) => values.length > 0),
});

const fact = (label: string, values: readonly CellContent[], mono = false): Fact => ({
  label,
  values,
  ...(mono ? { mono: true } : {}),
});
