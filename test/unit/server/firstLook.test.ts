import { describe, expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { Background } from '../../../server/background';
import { FirstLook } from '../../../server/firstLook';

const document = () => TextDocument.create('file:///a.conf', 'modprobe', 1, '');

describe('the first look at a document', () => {
  it('waits until all is read that looks made somebody read', async () => {
    const background = new Background();
    const steps: string[] = [];
    const read = async (what: string) => {
      await new Promise((resolve) => setImmediate(resolve));
      steps.push(what);
    };
    const toRead = ['index', 'module'];
    await new FirstLook([background]).wait(document(), () => {
      steps.push('look');
      const next = toRead.shift();
      if (next !== undefined) background.add(read(next));
    });
    expect(steps).toEqual(['look', 'index', 'look', 'module', 'look']);
  });

  it('does not wait for what takes long', async () => {
    const background = new Background();
    background.add(new Promise(() => undefined));
    let looks = 0;
    await new FirstLook([background]).wait(document(), () => looks++);
    expect(looks).toBe(1);
  });

  it('goes on when something cannot be read', async () => {
    const background = new Background();
    background.add(Promise.reject(new Error('gone')));
    let looks = 0;
    await new FirstLook([background]).wait(document(), () => looks++);
    expect(looks).toBe(2);
  });

  it('is the only one that waits', async () => {
    const firstLook = new FirstLook([new Background()]);
    const opened = document();
    let looks = 0;
    await firstLook.wait(opened, () => looks++);
    await firstLook.wait(opened, () => looks++);
    expect(looks).toBe(1);
  });
});
