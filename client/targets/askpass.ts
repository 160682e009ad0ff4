import { rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { LIVENESS_SOCKET, makePrivateDirectory } from './privateDirectory';
import { quoteAll } from './quote';

/** What a program that is started by ssh (SSH_ASKPASS of ssh(1)) was told to ask. */
export interface AskpassQuestion {
  readonly prompt: string;
  /** SSH_ASKPASS_PROMPT: "none" only tells something, and its asker ends when it is no longer true. */
  readonly hint: string | undefined;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
}

/** Hands the question over, and the answer to ssh: a secret passes through a socket of ours alone and a pipe. */
const ASKER = `
const socket = require('node:net').connect(process.argv[1]);
let answer = '';
socket.on('error', () => process.exit(1));
socket.on('data', (chunk) => { answer += chunk; });
socket.on('end', () => { if (answer === '') { process.exit(1); } process.stdout.write(answer); });
socket.write(JSON.stringify({ prompt: process.argv[2], hint: process.env.SSH_ASKPASS_PROMPT }) + '\\n');
`;

/** Characters. */
const QUESTION_LIMIT = 64 * 1024;

/** Milliseconds from the connection to the whole question. */
const QUESTION_MS = 30_000;

/** Undefined: it is not what the asker writes. */
function readQuestion(line: string): Pick<AskpassQuestion, 'prompt' | 'hint'> | undefined {
  try {
    const { prompt, hint } = (JSON.parse(line) ?? {}) as { prompt?: unknown; hint?: unknown };
    return typeof prompt === 'string'
      ? { prompt, hint: typeof hint === 'string' ? hint : undefined }
      : undefined;
  } catch {
    return undefined;
  }
}

async function serveAsker(server: Server, socket: string, script: string): Promise<void> {
  const node = quoteAll([process.execPath, '-e', ASKER, '--', socket]);
  // In an editor the running program is Electron.
  await writeFile(script, `#!/bin/sh\nELECTRON_RUN_AS_NODE=1 exec ${node} "$1"\n`, { mode: 0o700 });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(socket, resolve);
  });
}

/** Takes the questions of ssh processes to somebody who can answer. */
export class Askpass {
  readonly #sockets = new Set<Socket>();

  private constructor(
    /** Readable for its owner alone, and removed in the end. */
    readonly directory: string,
    private readonly server: Server,
    /** For the ssh processes. */
    readonly environment: NodeJS.ProcessEnv,
  ) {}

  /** @param answer undefined: no answer; ssh goes on without */
  static async open(answer: (question: AskpassQuestion) => Promise<string | undefined>): Promise<Askpass> {
    const directory = await makePrivateDirectory();
    const script = join(directory, 'askpass');
    const server = createServer();
    try {
      await serveAsker(server, join(directory, LIVENESS_SOCKET), script);
    } catch (error) {
      // A full disk: nothing of it stays.
      server.close();
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
    const askpass = new Askpass(directory, server, {
      ...process.env,
      SSH_ASKPASS: script,
      SSH_ASKPASS_REQUIRE: 'force',
      // ssh sets it for each question.
      SSH_ASKPASS_PROMPT: undefined,
      // Before OpenSSH 8.4 only who had a display was asked in this way.
      DISPLAY: process.env['DISPLAY'] ?? ':0',
    });
    server.on('connection', (socket) => askpass.#serve(socket, answer));
    return askpass;
  }

  async close(): Promise<void> {
    this.server.close();
    for (const socket of this.#sockets) {
      socket.destroy();
    }
    await rm(this.directory, { recursive: true, force: true });
  }

  #serve(socket: Socket, answer: (question: AskpassQuestion) => Promise<string | undefined>): void {
    const gone = new AbortController();
    let read = '';
    this.#sockets.add(socket);
    const timer = setTimeout(() => socket.destroy(), QUESTION_MS);
    socket
      .on('error', () => undefined)
      .on('close', () => {
        clearTimeout(timer);
        this.#sockets.delete(socket);
        gone.abort(new DOMException('nobody waits for the answer', 'AbortError'));
      });
    const take = (chunk: string): void => {
      read += chunk;
      if (!chunk.includes('\n') && read.length <= QUESTION_LIMIT) {
        return;
      }
      socket.off('data', take);
      clearTimeout(timer);
      const question = read.length > QUESTION_LIMIT ? undefined : readQuestion(read);
      if (question === undefined) {
        socket.destroy();
        return;
      }
      answer({ ...question, signal: gone.signal }).then(
        (text) => socket.end(text === undefined ? '' : `${text}\n`),
        () => socket.destroy(),
      );
    };
    socket.setEncoding('utf8').on('data', take);
  }
}
