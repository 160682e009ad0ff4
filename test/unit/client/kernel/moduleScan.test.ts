import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { scanModules } from '../../../../client/kernel/moduleScan';
import { buildElf, buildModule, SHAPES } from '../../kmod/elfBuilder';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'scan-'));
});

afterEach(() => rmSync(directory, { recursive: true }));

function write(name: string, bytes: Uint8Array): readonly [name: string, file: string] {
  const file = join(directory, name);
  writeFileSync(file, bytes);
  return [name, file];
}

const never = new AbortController().signal;

describe('the modules of a directory', () => {
  it('are read, of every word size and byte order, compressed or not', async () => {
    const shapes = SHAPES.map((shape, index) =>
      write(`shape${index}`, buildElf(shape, [{ name: '.modinfo', data: `license=${index}\0` }])),
    );
    const others = [
      write('far', buildModule(['license=far'], [{ name: '.debug_info', data: Buffer.alloc(1 << 20) }])),
      write('packed', gzipSync(buildModule(['license=packed']))),
    ];
    const index = await scanModules([...shapes, ...others], throwing, never);
    const licenses = Array.from(index.names, (name) => `${name}: ${index.entries(name)[0]?.value}`);
    const shaped = SHAPES.map((_, number) => `shape${number}: ${number}`);
    expect(licenses.sort()).toEqual([...shaped, 'far: far', 'packed: packed'].sort());
  });

  it('are left out, and told, where they are none', async () => {
    const unreadable: string[] = [];
    const files = [write('text', Buffer.from('no module')), ['none', join(directory, 'none')] as const];
    const index = await scanModules(files, (file) => unreadable.push(file), never);
    expect([...index.names]).toEqual([]);
    expect(unreadable).toEqual(files.map(([, file]) => file));
  });

  it('are not read on after the signal', async () => {
    const signal = AbortSignal.abort();
    await expect(scanModules([write('x', buildModule([]))], throwing, signal)).rejects.toThrow('aborted');
  });
});

function throwing(file: string, error: unknown): never {
  throw new Error(file, { cause: error });
}
