import { existsSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { Askpass } from '../../../../client/targets/askpass';

let askpass: Askpass | undefined;
afterEach(() => askpass?.close());

/** What is answered to these bytes. */
function tell(bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(join(askpass?.directory ?? '', 'q'));
    socket
      .setEncoding('utf8')
      .on('data', (text: string) => (answer += text))
      .on('error', () => undefined)
      .on('close', () => resolve(answer));
    socket.write(bytes);
  });
}

it.each(['garbage\n', '{}\n', 'null\n', '{"prompt":7}\n', `${'x'.repeat(100_000)}\n`, 'x'.repeat(100_000)])(
  'is asked nothing by what is no question: %.12j',
  async (bytes) => {
    const asked: string[] = [];
    askpass = await Askpass.open(({ prompt }) => {
      asked.push(prompt);
      return Promise.resolve('secret');
    });
    expect(await tell(bytes)).toBe('');
    expect(asked).toEqual([]);
    expect(await tell('{"prompt":"who?"}\n')).toBe('secret\n');
  },
);

it('is readable for its owner alone, and leaves nothing', async () => {
  askpass = await Askpass.open(() => Promise.resolve(undefined));
  const { directory } = askpass;
  expect(statSync(directory).mode & 0o777).toBe(0o700);
  await askpass.close();
  expect(existsSync(directory)).toBe(false);
});
