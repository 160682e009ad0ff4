import { stat } from 'node:fs/promises';
import { withModule } from '../../engine/files/moduleFile';
import { inspectModule, type ModuleInfo } from '../../kmod/modinfo';
import { Emitter } from './emitter';

interface Entry {
  /** Size and modification time: another one is another file. */
  readonly stamp: string;
  readonly info: ModuleInfo | undefined;
}

/** What is read out of module files of this machine, kept until the file changes. */
export class LocalModules {
  private readonly changed = new Emitter();
  readonly onDidChange = this.changed.event;
  private readonly known = new Map<string, Entry>();
  private readonly reading = new Set<string>();

  dispose(): void {
    this.changed.dispose();
  }

  /** What is known now, without reading. */
  peek(path: string): ModuleInfo | undefined {
    return this.known.get(path)?.info;
  }

  /** Reads the file where it is new or changed, and tells when that changed what is known. */
  want(path: string): void {
    if (this.reading.has(path)) {
      return;
    }
    this.reading.add(path);
    const before = this.known.get(path);
    void this.get(path)
      .catch(() => undefined)
      .finally(() => {
        this.reading.delete(path);
        if (this.known.get(path) !== before) {
          this.changed.fire();
        }
      });
  }

  /** @throws ElfError, EndOfBytesError, and as withModule */
  async get(path: string): Promise<ModuleInfo> {
    const { size, mtimeMs } = await stat(path);
    const stamp = `${size} ${mtimeMs}`;
    const entry = this.known.get(path);
    if (entry?.stamp === stamp && entry.info !== undefined) {
      return entry.info;
    }
    try {
      const info = await withModule(path, (source) => inspectModule(source, path).info);
      this.known.set(path, { stamp, info });
      return info;
    } catch (error) {
      if (entry?.stamp !== stamp) {
        this.known.set(path, { stamp, info: undefined });
      }
      throw error;
    }
  }
}
