import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import type { Command } from './command';
import { script } from '../targets/script';

/** A module's file can not be had from a target. */
export class ModuleFileError extends Error {
  override readonly name = 'ModuleFileError';
  constructor(
    readonly path: string,
    reason: string,
  ) {
    super(`${path} ${reason}`);
  }
}

/** The largest modules with debugging information come to some 50 MiB. */
const MAX_BYTES = 128 << 20;

/** A slow line needs its time; who waits may cancel. Milliseconds. */
const TIME_LIMIT = 600_000;

/**
 * Prints how the file is sent, its size, and the file: packed where the target can do that and it is not so already.
 */
const SCRIPT = String.raw`f=$1
if [ ! -e "$f" ]; then exit 3; fi
if [ ! -f "$f" ]; then exit 4; fi
if [ ! -r "$f" ]; then exit 5; fi
size=$(($(wc -c <"$f")))
if [ "$size" -gt "$2" ]; then echo "$size"; exit 6; fi
case $f in
  *.gz|*.xz|*.zst) pack=cat ;;
  *) if command -v gzip >/dev/null; then pack='gzip -c'; else pack=cat; fi ;;
esac
printf '%s %s\n' "${'$'}{pack%% *}" "$size"
$pack <"$f"`;

/** An answer as it came: unpackModuleFile reads it. */
export interface SentModuleFile {
  readonly path: string;
  readonly packed: boolean;
  /** Bytes of the file on the target. */
  readonly size: number;
  readonly bytes: Buffer;
}

/**
 * Asks a target for a module's file, in one command.
 * @returns undefined: there is no such file. What parsing throws is a ModuleFileError.
 */
export function readModuleFile(path: string): Command<SentModuleFile | undefined> {
  return {
    argv: script(SCRIPT, [path, String(MAX_BYTES)]),
    timeoutMs: TIME_LIMIT,
    maxOutputBytes: MAX_BYTES + (1 << 20),
    accepts: [0, 3, 4, 5, 6],
    parse: ({ exitCode, stdout }) => {
      switch (exitCode) {
        case 3:
          return undefined;
        case 4:
          throw new ModuleFileError(path, 'is no file there');
        case 5:
          throw new ModuleFileError(path, 'can not be read by the login of this target');
        case 6:
          throw new ModuleFileError(
            path,
            `has ${stdout.toString('latin1').trim()} bytes: more than ${MAX_BYTES}, too many for a module`,
          );
        default: {
          const end = stdout.indexOf('\n');
          const [, how, size] =
            /^(gzip|cat) (\d+)$/.exec(stdout.toString('latin1', 0, Math.max(0, end))) ?? [];
          if (how === undefined) {
            throw new ModuleFileError(path, 'was not sent: the answer does not begin with a size');
          }
          return { path, packed: how === 'gzip', size: Number(size), bytes: stdout.subarray(end + 1) };
        }
      }
    },
  };
}

/** The bytes of the file, as many as it had. @throws ModuleFileError */
export async function unpackModuleFile({ path, packed, size, bytes }: SentModuleFile): Promise<Buffer> {
  const file = packed ? await unpack(path, size, bytes) : bytes;
  if (file.length !== size) {
    throw new ModuleFileError(path, `changed while it was sent: ${file.length} bytes of ${size} came`);
  }
  return file;
}

async function unpack(path: string, size: number, bytes: Buffer): Promise<Buffer> {
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: Math.min(size, MAX_BYTES) + 1 });
  } catch (error) {
    throw new ModuleFileError(
      path,
      `came damaged: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
