import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readModuleInfo, type ModuleInfo } from '../../kmod/modinfo';
import { formatModinfo, type ModinfoOptions } from '../../kmod/modinfoText';
import { encodeText } from '../../kmod/text';
import {
  loadOrder,
  parseModulesBuiltin,
  parseModulesBuiltinModinfo,
  parseModulesDep,
} from '../../kmod/tree/parse';
import { buildModule } from '../unit/kmod/elfBuilder';

/** kmod's own tools are the oracle, and every module of the installed kernel package is a case. */
const release = installedRelease();
const tree = join('/lib/modules', release);
const files = modulesBelow(join(tree, 'kernel'));

let infos: ReadonlyMap<string, ModuleInfo>;

beforeAll(async () => {
  const entries = files.map(async (file) => [file, await readModuleInfo(readFileSync(file), file)] as const);
  infos = new Map(await Promise.all(entries));
});

describe(`of the ${files.length} modules of ${release}, as modinfo tells them,`, () => {
  it('every one is printed byte for byte', async () => {
    const { equal, different } = compare(await modinfo(files), files, (file) =>
      print(file, { fileName: file }),
    );
    console.log(`modinfo: ${equal} of ${files.length} modules of ${release} are printed byte for byte`);
    expect(different).toEqual([]);
    expect(equal).toBe(files.length);
  });

  it('every one is printed byte for byte with -0', async () => {
    const expected = await modinfo(['-0', ...files]);
    expect(expected.equals(concat(files, (file) => print(file, { fileName: file, nul: true })))).toBe(true);
  });

  it('every one is printed byte for byte with -p', async () => {
    const expected = await modinfo(['-p', ...files]);
    expect(expected.equals(concat(files, (file) => print(file, { fileName: file, field: 'parm' })))).toBe(
      true,
    );
  });

  it('every field that any of them has is printed byte for byte with -F', async () => {
    const keys = [...infos.values()].flatMap(({ entries }) => entries.map(({ key }) => key));
    const signatureKeys = ['sig_id', 'signer', 'sig_key', 'sig_hashalgo', 'signature'];
    const fields = new Set([...keys, ...signatureKeys, 'filename', 'nosuchfield']);
    for (const field of fields) {
      const expected = await modinfo(['-F', field, ...files]);
      const actual = concat(files, (file) => print(file, { fileName: file, field }));
      expect(expected.equals(actual), `-F ${field}`).toBe(true);
    }
  });

  it('every build-id is the one in the file', async () => {
    const sample = files.filter((_, index) => index % 100 === 0);
    for (const file of sample) {
      const { stdout } = await promisify(execFile)('readelf', ['-n', file]);
      expect(infos.get(file)?.buildId).toBe(/Build ID: (\w+)/.exec(stdout)?.[1]);
    }
  });
});

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
    expect(Buffer.from(printed).toString('latin1')).toBe((await modinfo([...args, file])).toString('latin1'));
  });
});

describe(`of the modules that are part of the kernel image of ${release}`, () => {
  it('every one is printed byte for byte', async () => {
    const builtin = parseModulesBuiltinModinfo(readFileSync(join(tree, 'modules.builtin.modinfo')));
    const names = [...parseModulesBuiltin(readFileSync(join(tree, 'modules.builtin'), 'utf8'))];
    const known = names.filter((name) => builtin.has(name));
    const expected = await modinfo(['-k', release, '-m', ...known]);
    const actual = concat(known, (name) => encodeText(formatModinfo(builtin.get(name) ?? absent(name))));
    console.log(
      `modinfo -k: ${known.length} of ${names.length} built-in modules tell something of themselves`,
    );
    expect(expected.toString()).toBe(actual.toString());
    expect(known.length).toBeGreaterThan(0);
  });
});

describe(`of the modules in modules.dep of ${release}`, () => {
  it('every one is inserted in the order in which modprobe inserts it', async () => {
    const modules = parseModulesDep(readFileSync(join(tree, 'modules.dep'), 'utf8'));
    const softdeps = readFileSync(join(tree, 'modules.softdep'), 'utf8');
    expect(modules.size).toBe(files.length);
    // What a softdep adds is not modules.dep's to tell: modules near one are left out of the comparison.
    const plain = [...modules.keys()].filter((name) =>
      (loadOrder(modules, name) ?? []).every((path) => !softdeps.includes(` ${moduleName(path)} `)),
    );
    expect(plain.length).toBeGreaterThan(files.length / 2);
    for (const name of plain.filter((_, index) => index % 5 === 0)) {
      const { stdout } = await promisify(execFile)('modprobe', [
        ...['-C', '/dev/null', '-S', release, '--show-depends', name],
      ]);
      const order = stdout.split('\n').flatMap((line) => /^insmod (\S+)/.exec(line)?.[1] ?? []);
      expect(order).toEqual(loadOrder(modules, name)?.map((path) => join(tree, path)));
    }
  });
});

function installedRelease(): string {
  const releases = readdirSync('/lib/modules').filter((name) => existsSync(join('/boot', `vmlinuz-${name}`)));
  const newest = releases.sort((a, b) => a.localeCompare(b, 'en', { numeric: true })).at(-1);
  if (newest === undefined) {
    throw new Error('no kernel package is installed (linux-image-cloud-amd64)');
  }
  return newest;
}

function modulesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.ko(\.(gz|xz|zst))?$/.test(path))
    .map((path) => join(directory, path))
    .sort();
}

function moduleName(path: string): string {
  return path
    .replace(/^.*\//, '')
    .replace(/\.ko.*$/, '')
    .replaceAll('-', '_');
}

async function modinfo(args: readonly string[]): Promise<Buffer> {
  const { stdout } = await promisify(execFile)('modinfo', args, { encoding: 'buffer', maxBuffer: 1 << 28 });
  return stdout;
}

function print(file: string, options: ModinfoOptions): Uint8Array {
  return encodeText(formatModinfo(infos.get(file) ?? absent(file), options));
}

function absent(name: string): never {
  throw new Error(`${name} was not read`);
}

function concat(names: readonly string[], printed: (name: string) => Uint8Array): Buffer {
  return Buffer.concat(names.map(printed));
}

/** Takes modinfo's output over many files apart where a file's part begins. */
function compare(output: Buffer, names: readonly string[], printed: (name: string) => Uint8Array) {
  const heads = names.map((name) => Buffer.from(`filename:       ${name}\n`));
  const starts: number[] = [];
  for (const head of heads) {
    starts.push(output.indexOf(head, starts.at(-1) ?? 0));
  }
  const different = names.filter((name, index) => {
    const expected = output.subarray(starts[index], starts[index + 1]);
    return !expected.equals(printed(name));
  });
  return { equal: names.length - different.length, different };
}
