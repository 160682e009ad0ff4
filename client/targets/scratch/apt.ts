import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from '../../../engine/base/startProgram';
import { namesIn } from '../../../engine/files/directory';

/** apt failed, or has no such package. */
export class AptError extends Error {
  override readonly name = 'AptError';
}

interface AptOptions {
  /** What its package names mean without an architecture; the others have to be named. */
  readonly architectures: readonly [string, ...string[]];
  readonly signal?: AbortSignal;
}

/**
 * apt with directories of its own: packages of any architecture out of the package sources that this system uses,
 * verified as these are. The system learns of none of it, nothing is installed, and no root is needed.
 */
export class Apt {
  readonly #env: NodeJS.ProcessEnv;

  private constructor(
    private readonly directory: string,
    private readonly signal: AbortSignal | undefined,
  ) {
    this.#env = { ...process.env, APT_CONFIG: join(directory, 'apt.conf'), LC_ALL: 'C' };
  }

  /** @param directory is made, and removed in the end */
  static async use<T>(
    directory: string,
    { architectures, signal }: AptOptions,
    task: (apt: Apt) => Promise<T>,
  ): Promise<T> {
    await rm(directory, { recursive: true, force: true });
    try {
      for (const part of ['lists/partial', 'cache/archives/partial']) {
        await mkdir(join(directory, part), { recursive: true });
      }
      await writeFile(join(directory, 'status'), '');
      await writeFile(
        join(directory, 'apt.conf'),
        [
          `APT::Architecture "${architectures[0]}";`,
          `APT::Architectures { ${architectures.map((name) => `"${name}";`).join(' ')} };`,
          `Dir::State::lists "${directory}/lists";`,
          `Dir::State::status "${directory}/status";`,
          `Dir::Cache "${directory}/cache";`,
          'Acquire::Languages "none";',
          'APT::Install-Recommends "false";',
          // What is downloaded goes to a directory that only we may write to.
          'APT::Sandbox::User "root";',
          '',
        ].join('\n'),
      );
      const apt = new Apt(directory, signal);
      // A list that fails, of a mirror that is just being updated, need not be the one that is needed.
      await apt.#run('apt-get', ['-q', 'update']).catch((error: unknown) => {
        signal?.throwIfAborted();
        return error;
      });
      return await task(apt);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  /** The name of a package that another one depends on. */
  async dependency(name: string, wanted: RegExp): Promise<string> {
    const shown = await this.#run('apt-cache', ['show', '--no-all-versions', name]).catch(() => '');
    const depends = /^Depends: (.*)$/m.exec(shown)?.[1]?.split(/[,|]/) ?? [];
    const found = depends.map((one) => one.trim().split(' ')[0] ?? '').find((one) => wanted.test(one));
    if (found === undefined) {
      this.signal?.throwIfAborted();
      throw new AptError(`the package sources of this system have no ${name}`);
    }
    return found;
  }

  /** Downloads these packages and unpacks them; `select` are options and patterns of tar. */
  async unpack(names: readonly string[], into: string, select: readonly string[] = []): Promise<void> {
    await this.#run('apt-get', ['-q', 'download', ...names], this.directory);
    await this.#unpackAll(this.directory, into, select);
  }

  /** The same for all that they depend on. */
  async unpackWhole(names: readonly string[], into: string, select: readonly string[] = []): Promise<void> {
    await this.#run('apt-get', ['-q', '-y', '--download-only', 'install', ...names]);
    await this.#unpackAll(join(this.directory, 'cache/archives'), into, select);
  }

  async #unpackAll(from: string, into: string, select: readonly string[]): Promise<void> {
    await mkdir(into, { recursive: true });
    for (const archive of (await namesIn(from)).filter((file) => file.endsWith('.deb'))) {
      const path = join(from, archive);
      const pipe =
        'set -o pipefail; dpkg-deb --fsys-tarfile "$1" | tar -x --no-same-owner -C "$2" --wildcards "${@:3}"';
      await this.#run('bash', ['-c', pipe, 'bash', path, into, ...select]);
      await rm(path);
    }
  }

  async #run(program: string, args: readonly string[], cwd?: string): Promise<string> {
    try {
      const { stdout } = await runProgram(program, args, {
        env: this.#env,
        maxBuffer: 1 << 26,
        ...(cwd === undefined ? {} : { cwd }),
        ...(this.signal === undefined ? {} : { signal: this.signal }),
      });
      return stdout;
    } catch (error) {
      this.signal?.throwIfAborted();
      const { stderr, message } = error as Error & { stderr?: string };
      const said = stderr === undefined || stderr.trim() === '' ? message : stderr.trim();
      throw new AptError(`${program} ${args.join(' ')} failed: ${said}`, { cause: error });
    }
  }
}
