import { findProgram } from '../../../engine/base/programs';
import { runProgram } from '../../../engine/base/startProgram';
import { ConnectError } from '../errors';

/** What the scratch kernel is made of and with: program -> the Debian and Ubuntu package that has it. */
const PACKAGES = {
  'qemu-system-x86_64': { package: 'qemu-system-x86', purpose: 'the virtual machine' },
  'qemu-system-aarch64': { package: 'qemu-system-arm', purpose: 'the virtual machine' },
  busybox: { package: 'busybox-static', purpose: 'the commands in it' },
  kmod: { package: 'kmod', purpose: 'modprobe and insmod in it' },
  depmod: { package: 'kmod', purpose: 'the index of its modules' },
  dropbear: { package: 'dropbear-bin', purpose: 'its SSH server' },
  dropbearkey: { package: 'dropbear-bin', purpose: "its SSH server's key" },
  'ssh-keygen': { package: 'openssh-client', purpose: 'the key to log in with' },
  scp: { package: 'openssh-client', purpose: 'copying files to it by hand' },
  setpriv: { package: 'util-linux', purpose: 'ending it with the editor' },
} as const;

export type ProgramName = keyof typeof PACKAGES;

/**
 * Where the programs are.
 * @throws ConnectError of kind "start" that names the packages to install, all in one message
 */
export function findPrograms<Name extends ProgramName>(names: readonly Name[]): Record<Name, string> {
  const found = names.map((name) => [name, findProgram(name)] as const);
  const missing = found.filter(([, file]) => file === undefined).map(([name]) => name);
  if (missing.length > 0) {
    const packages = [...new Set(missing.map((name) => PACKAGES[name].package))];
    const reasons = missing.map((name) => `${name} (${PACKAGES[name].purpose})`);
    throw new ConnectError(
      `the scratch kernel needs ${reasons.join(', ')}. Install: sudo apt install ${packages.join(' ')}`,
      'start',
    );
  }
  return Object.fromEntries(found) as Record<Name, string>;
}

/** Runs a program of this machine; its output. @throws what execFile throws */
export async function output(program: string, args: readonly string[]): Promise<string> {
  const { stdout } = await runProgram(program, args, { env: { ...process.env, LC_ALL: 'C' } });
  return stdout;
}

/** The shared libraries that a program needs, as absolute paths; none for a static one. */
export async function librariesOf(program: string): Promise<string[]> {
  const text = await output('ldd', [program]).catch(() => '');
  return text.split('\n').flatMap((line) => /^(?:\S+ => )?(\/\S+) \(0x/.exec(line.trim())?.[1] ?? []);
}
