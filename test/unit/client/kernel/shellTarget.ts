import { execFile } from 'node:child_process';
import type { RunResult, Target } from '../../../../client/targets/target';

/** This machine's shell as a target; `tools`: the only programs there are, where it has not all of them. */
export class ShellTarget implements Target {
  readonly lost = new AbortController().signal;
  readonly sent: number[] = [];

  constructor(
    readonly name: string,
    private readonly tools?: string,
  ) {}

  run([program = '', ...args]: readonly string[]): Promise<RunResult> {
    const env = { ...process.env, ...(this.tools === undefined ? {} : { PATH: this.tools }) };
    return new Promise((resolve, reject) => {
      execFile(
        `/bin/${program}`,
        args,
        { encoding: 'buffer', env, maxBuffer: 1 << 28 },
        (error, stdout, stderr) => {
          if (error !== null && typeof error.code !== 'number') return reject(new Error(error.message));
          this.sent.push(stdout.length);
          resolve({ exitCode: error === null ? 0 : Number(error.code), stdout, stderr: stderr.toString() });
        },
      );
    });
  }

  upload(): Promise<void> {
    return Promise.reject(new Error('not here'));
  }

  stream(): Promise<undefined> {
    return Promise.reject(new Error('not here'));
  }

  dispose(): Promise<void> {
    return Promise.resolve();
  }
}
