import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(__dirname, '../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}
interface Lock {
  readonly packages: Readonly<Record<string, { integrity?: string; link?: boolean }>>;
}

it('each dependency is pinned to one version, with its SHA-512', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Manifest;
  const versions = Object.entries({ ...dependencies, ...devDependencies });
  expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
  const { packages } = JSON.parse(read('package-lock.json')) as Lock;
  const installed = Object.entries(packages).filter(([path]) => path.startsWith('node_modules/'));
  expect(installed.length).toBeGreaterThan(versions.length);
  expect(installed.filter(([, { integrity }]) => integrity?.startsWith('sha512-') !== true)).toEqual([]);
});

it('no install script is run', () => {
  expect(read('.npmrc').split('\n')).toContain('ignore-scripts=true');
});

/** Who opens a connection, and to whom. All others of what is shipped can tell nothing to anybody. */
const CONNECTING = [
  // A target, a terminal server, QEMU on this machine, and sockets of our own user.
  'client/targets/askpass.ts',
  'client/targets/privateDirectory.ts',
  'client/targets/scratch/qemu.ts',
  'client/targets/serial/serialPort.ts',
  'client/targets/sshTransport.ts',
];

it('connections are opened to targets and their consoles alone', () => {
  const files = ['client', 'server', 'engine', 'kmod'].flatMap((room) =>
    readdirSync(join(ROOT, room), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => `${room}/${file}`),
  );
  const connects =
    /from '(?:node:)?(?:net|tls|https?|http2|dgram|dns|dns\/promises|inspector)'|\bXMLHttpRequest\b|\bWebSocket\b|\bEventSource\b|\bsendBeacon\b|\bfetch\((?:['"`]|new URL)|createTelemetryLogger|openExternal/;
  expect(files.filter((file) => connects.test(read(file))).sort()).toEqual(CONNECTING);
});
