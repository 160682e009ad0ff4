import { hostname } from 'node:os';
import * as vscode from 'vscode';
import { plainText } from '../../kmod/plainText';
import { showsHostKey } from '../targets/hostKeys';
import type { Prompts, SecretQuestion, UnknownHostKey } from '../targets/prompts';
import { plainSentence } from '../views/format';
import { askModally } from '../views/say';

const secretKey = ({ kind, subject }: SecretQuestion): string => `${kind}:${subject}`;

/** Before the first change of the machine where the extension runs, which a person works on. */
export async function confirmLocalChange(name: string, what: string): Promise<boolean> {
  const verb = 'Change This Computer';
  const answer = await askModally(
    `Change the kernel of ${name}?`,
    `Next is: ${plainText(what)}. It is the machine where the extension runs (${hostname()}): a module that crashes takes all of it down, with what is not saved. A scratch kernel is only thrown away. You are asked once per connection.`,
    verb,
  );
  return answer === verb;
}

/** Asks a connection's questions in the editor. Secrets are kept in SecretStorage only when a person wants it. */
export function editorPrompts(secrets: vscode.SecretStorage): Prompts {
  return {
    async secret(question, signal) {
      if (question.attempt === 1 && question.kind !== 'keyboard-interactive') {
        const remembered = await secrets.get(secretKey(question));
        if (remembered !== undefined) {
          return remembered;
        }
      } else {
        // What was remembered has just been refused.
        await secrets.delete(secretKey(question));
      }
      const answer = await askSecret(question, signal);
      if (answer?.remember === true) {
        await secrets.store(secretKey(question), answer.value);
      }
      return answer?.value;
    },
    confirmHostKey,
  };
}

function describe(question: SecretQuestion): { title: string; prompt: string } {
  const again =
    (question.attempt > 1 ? 'The last answer was refused. ' : '') +
    (question.said === undefined ? '' : `It says: ${question.said} `);
  switch (question.kind) {
    case 'password':
      return { title: `Password of ${question.subject}`, prompt: `${again}It is sent to this host only.` };
    case 'passphrase':
      return { title: 'Passphrase of a private key', prompt: `${again}${question.subject}` };
    case 'sudo':
    case 'doas':
    case 'su':
      return {
        title: `Password for ${question.kind} on ${question.subject}`,
        prompt: `${again}Loading modules needs root; asked once per connection.`,
      };
    case 'keyboard-interactive':
      return { title: `${question.subject} asks`, prompt: `${again}${question.prompt ?? ''}` };
  }
}

function askSecret(
  question: SecretQuestion,
  signal: AbortSignal,
): Promise<{ value: string; remember: boolean } | undefined> {
  return new Promise((resolve) => {
    const input = vscode.window.createInputBox();
    const remember: vscode.QuickInputButton = {
      iconPath: new vscode.ThemeIcon('save'),
      tooltip: 'Use it and remember it in the secret storage',
    };
    const { title, prompt } = describe(question);
    input.title = plainSentence(title);
    input.prompt = `${plainSentence(prompt)} Enter uses it for this connection${
      question.kind === 'keyboard-interactive' ? '' : ', the save button also remembers it'
    }.`;
    input.password = question.echo !== true;
    input.ignoreFocusOut = true;
    if (question.kind !== 'keyboard-interactive') {
      input.buttons = [remember];
    }
    const finish = (answer: { value: string; remember: boolean } | undefined): void => {
      signal.removeEventListener('abort', abort);
      resolve(answer);
      input.dispose();
    };
    const abort = (): void => finish(undefined);
    input.onDidAccept(() => finish({ value: input.value, remember: false }));
    input.onDidTriggerButton(() => finish({ value: input.value, remember: true }));
    input.onDidHide(() => finish(undefined));
    if (signal.aborted) {
      finish(undefined);
      return;
    }
    signal.addEventListener('abort', abort);
    input.show();
  });
}

/**
 * Trust is given by a choice of its own, never by Enter alone: the button that has the focus leads to a comparison,
 * as ssh's "yes/no/[fingerprint]" does.
 */
async function confirmHostKey(
  key: UnknownHostKey,
  signal: AbortSignal,
): Promise<'remember' | 'once' | undefined> {
  const compare = 'Compare…';
  const remember = 'Trust and Remember';
  const once = 'Trust Once';
  const answer = await askModally(
    `${key.host} is not known yet. Is this its host key?`,
    `${plainText(key.keyType)}\n${key.fingerprint}\n\nThe machine itself shows its key with ${SHOW_KEY}. Remembering writes it to your known_hosts file.`,
    ...(key.writtenBySsh === true ? [compare, remember] : [compare, once, remember]),
  );
  if (answer === compare) {
    return (await compareHostKey(key, signal)) ? 'remember' : undefined;
  }
  return answer === remember ? 'remember' : answer === once ? 'once' : undefined;
}

const SHOW_KEY = 'ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub, or dropbearkey -y -f';

/** Whether what the machine itself shows, pasted, is the key. */
async function compareHostKey(
  { host, keyType, fingerprint }: UnknownHostKey,
  signal: AbortSignal,
): Promise<boolean> {
  const cancellation = new vscode.CancellationTokenSource();
  const cancel = (): void => cancellation.cancel();
  signal.addEventListener('abort', cancel);
  try {
    const pasted = await vscode.window.showInputBox(
      {
        title: `Host Key of ${host}`,
        prompt: `Paste what the machine itself shows: ${SHOW_KEY}. The same key is trusted and remembered.`,
        placeHolder: 'SHA256:… or the whole line',
        ignoreFocusOut: true,
        validateInput: (text) =>
          text === '' || showsHostKey(text, fingerprint)
            ? undefined
            : plainSentence(`This is not the key that was offered: ${keyType} ${fingerprint}`),
      },
      cancellation.token,
    );
    return pasted !== undefined && showsHostKey(pasted, fingerprint);
  } finally {
    signal.removeEventListener('abort', cancel);
    cancellation.dispose();
  }
}
