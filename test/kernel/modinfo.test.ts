import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readModuleInfo, scanModuleInfo, type ModuleInfo } from '../../kmod/modinfo';
import { formatModinfo, type ModinfoOptions } from '../../kmod/modinfoText';
import { NEWEST_KMOD } from '../../kmod/config/versions';
import { encodeText } from '../../kmod/text';
import { ModuleTree } from '../../kmod/tree/moduleTree';
import { parseModulesBuiltin, parseModulesBuiltinModinfo } from '../../kmod/tree/parse';
import { modinfo } from '../../server/commands/modinfo';
import { systemOf } from '../../server/commands/system';
import { withModule } from '../../engine/files/moduleFile';
import { buildModule } from '../unit/kmod/elfBuilder';
import { answerOf } from '../unit/server/answerOf';
import { fetchedKernels, installedKernel, outputOf } from '../../scripts/kernels';

/** kmod's own tools are the oracle, and every module of every kernel is a case. */
const installed = installedKernel();
const kernels = [installed, ...fetchedKernels()];

describe.each(kernels)(
  'of the modules of $release ($architecture)',
  ({ architecture, release, tree, files }) => {
    let infos: ReadonlyMap<string, ModuleInfo>;

    const print = (file: string, options: ModinfoOptions): Uint8Array =>
      encodeText(formatModinfo(infos.get(file) ?? absent(file), { fileName: file, ...options }));

    beforeAll(async () => {
      const read = files.map(async (file) => {
        return [file, await withModule(file, (source) => scanModuleInfo(source, file))] as const;
      });
      infos = new Map(await Promise.all(read));
    });

    it.each([
      { args: [], nul: false },
      { args: ['-0'], nul: true },
      { args: ['-p'], nul: false, field: 'parm' },
    ])('every one is printed byte for byte as modinfo $args prints it', async ({ args, ...options }) => {
      const open = () => Promise.resolve(systemOf({ kmod: NEWEST_KMOD }));
      const asked = { ...options, onlyNames: false, isOwn: true };
      const { stdout, stderr, exitCode } = await answerOf((print) => modinfo(open, files, asked, print));
      expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
      const [ours, theirs] = [encodeText(stdout), await outputOf('modinfo', [...args, ...files])];
      expect(firstDifference(ours, theirs)).toBeUndefined();
      expect(theirs.length).toBeGreaterThan(files.length);
      console.log(
        `modinfo ${args.join(' ')}: ${files.length} modules of ${release} are printed byte for byte`,
      );
    });

    it('every field that any of them has is printed byte for byte with -F', async () => {
      const keys = [...infos.values()].flatMap(({ entries }) => entries.map(({ key }) => key));
      const signatureKeys = ['sig_id', 'signer', 'sig_key', 'sig_hashalgo', 'signature'];
      const fields = new Set([...keys, ...signatureKeys, 'filename', 'nosuchfield']);
      for (const field of fields) {
        const expected = await outputOf('modinfo', ['-F', field, ...files]);
        const actual = Buffer.concat(files.map((file) => print(file, { field })));
        expect(firstDifference(actual, expected), `-F ${field}`).toBeUndefined();
      }
    });

    it('every build-id and architecture is the one in the file', async () => {
      for (const file of files.filter((_, index) => index % 200 === 0)) {
        const notes = (await outputOf('readelf', ['-n', file])).toString();
        expect(await readModuleInfo(readFileSync(file), file)).toMatchObject({
          buildId: /Build ID: (\w+)/.exec(notes)?.[1],
          architecture: MACHINES[architecture],
        });
      }
    });

    it('every one that is part of the kernel image is printed byte for byte', async () => {
      const builtin = parseModulesBuiltinModinfo(readFileSync(join(tree, 'modules.builtin.modinfo')));
      const names = [...parseModulesBuiltin(readFileSync(join(tree, 'modules.builtin'), 'utf8')).keys()];
      const known = names.filter((name) => builtin.has(name));
      const directory = tree.slice(0, tree.lastIndexOf('/lib/modules/')) || '/';
      const expected = await outputOf('modinfo', ['-b', directory, '-k', release, '-m', ...known]);
      const printed = known.map((name) => encodeText(formatModinfo(builtin.get(name) ?? absent(name))));
      expect(firstDifference(Buffer.concat(printed), expected)).toBeUndefined();
      expect(known.length).toBeGreaterThan(0);
      console.log(
        `modinfo: ${known.length} of ${names.length} built-in modules tell something of themselves`,
      );
    });
  },
);

const MACHINES: Readonly<Record<string, string>> = {
  installed: 'x86_64',
  amd64: 'x86_64',
  arm64: 'aarch64',
  armel: 'arm',
  s390x: 's390x',
};

describe('of a module with odd strings', () => {
  const file = join(tmpdir(), `odd-${process.pid}.ko`);
  const latin1 = Buffer.from('author=J\xfcrgen', 'latin1');
  const strings = [
    '',
    'no-equals-sign',
    latin1,
    'author=Łukasz',
    '=no key',
    'a_key_longer_than_15=x',
    'empty=',
  ];
  const parameters = [
    'parm=b:first',
    'parmtype=a:int',
    'parm=without colon',
    'parm=b:second',
    'parm=é:',
    'parm=:',
  ];

  beforeAll(() => writeFileSync(file, buildModule([...strings, ...parameters, 'parmtype=a:bool', ''])));
  afterAll(() => rmSync(file));

  it.each([
    { args: [] },
    { args: ['-0'], nul: true },
    { args: ['-p'], field: 'parm' },
    { args: ['-F', 'author'], field: 'author' },
    { args: ['-F', 'parmtype'], field: 'parmtype' },
    { args: ['-F', 'no-equals-sign'], field: 'no-equals-sign' },
  ])('every byte is printed as modinfo $args prints it', async ({ args, ...options }) => {
    const info = await readModuleInfo(readFileSync(file), file);
    const printed = encodeText(formatModinfo(info, { fileName: file, ...options }));
    expect(Buffer.from(printed).toString('latin1')).toBe(
      (await outputOf('modinfo', [...args, file])).toString('latin1'),
    );
  });
});

describe(`of the modules in modules.dep of ${installed.release}`, () => {
  it('every one is inserted in the order in which modprobe inserts it', async () => {
    const modules = ModuleTree.of((file) =>
      file === 'modules.dep' ? readFileSync(join(installed.tree, file)) : undefined,
    );
    const inserted = (name: string): string[] => [...(modules.dependencies(name) ?? []), name];
    const softdeps = readFileSync(join(installed.tree, 'modules.softdep'), 'utf8');
    expect(modules.names.length).toBe(installed.files.length);
    // What a softdep adds is not modules.dep's to tell: modules near one are left out of the comparison.
    const plain = modules.names.filter((name) =>
      inserted(name).every((other) => !softdeps.includes(` ${other} `)),
    );
    expect(plain.length).toBeGreaterThan(installed.files.length / 2);
    for (const name of plain.filter((_, index) => index % 5 === 0)) {
      const args = ['-C', '/dev/null', '-S', installed.release, '--show-depends', name];
      const order = (await outputOf('modprobe', args))
        .toString()
        .split('\n')
        .flatMap((line) => /^insmod (\S+)/.exec(line)?.[1] ?? []);
      expect(order).toEqual(inserted(name).map((other) => join(installed.tree, modules.path(other) ?? '')));
    }
  });
});

function absent(name: string): never {
  throw new Error(`${name} was not read`);
}

/** Some text around it, which says more than two outputs of megabytes. */
function firstDifference(actual: Uint8Array, expected: Uint8Array): object | undefined {
  const [ours, theirs] = [Buffer.from(actual), Buffer.from(expected)];
  if (ours.equals(theirs)) return undefined;
  let at = 0;
  while (ours[at] === theirs[at]) at++;
  const around = (bytes: Buffer) => bytes.subarray(Math.max(0, at - 200), at + 100).toString();
  return { at, ours: around(ours), theirs: around(theirs) };
}
