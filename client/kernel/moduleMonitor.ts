import { CHECKSUM_TOOLS, parseChecksumLine } from '../targets/checksum';
import type { RunResult, Target } from '../targets/target';
import { CoalescedRead } from './coalesced';
import { execute } from './command';
import {
  buildIdFile,
  listModules,
  parameterFile,
  readBuildIds,
  readParameters,
  type ParameterValue,
} from './commands';
import { Emitter } from './emitter';
import type { LoadedModule } from './procModules';

/** The loaded modules of one target at one moment, as its kernel told them. */
export interface ModulesSnapshot {
  readonly target: Target;
  readonly modules: readonly LoadedModule[];
  /** The build-ids of the user's own loaded modules, by module name; lower-case hex. */
  readonly buildIds: ReadonlyMap<string, string>;
}

/** What a program of CHECKSUM_TOOLS says of the files that a snapshot was read from, by path. */
type Checksums = ReadonlyMap<string, string>;

const MODULES = '/proc/modules';

/** The parameters of a module that somebody looks at. */
interface ParameterRead {
  readonly values: Promise<ParameterValue[]>;
  /** The same, once they are there. */
  readable?: readonly ParameterValue[];
}

/**
 * Keeps the list of loaded modules of the connected target: read after each command, and at an interval
 * while somebody looks. What it tells was read from the kernel, or it tells nothing.
 */
export class ModuleMonitor {
  private readonly changed = new Emitter();
  readonly onDidChange = this.changed.event;
  private current: ModulesSnapshot | undefined;
  private failure: Error | undefined;
  private readonly reading = new CoalescedRead(() => this.readOnce());
  private timer: NodeJS.Timeout | undefined;
  private checksums: Checksums = new Map();
  /** Something was done to the modules: that they changed need not be asked. */
  private surelyChanged = false;
  /** How many of CHECKSUM_TOOLS a target does not have. */
  private readonly missingTools = new WeakMap<Target, number>();
  private readonly parameterReads = new Map<string, ParameterRead>();

  /**
   * @param connected the target that is active and connected, if there is one
   * @param ownNames the names of the modules whose build-id matters
   */
  constructor(
    private readonly connected: () => Target | undefined,
    private readonly ownNames: () => ReadonlySet<string>,
  ) {}

  get snapshot(): ModulesSnapshot | undefined {
    return this.current;
  }

  /** Why the last read failed; undefined when it did not. */
  get error(): Error | undefined {
    return this.failure;
  }

  dispose(): void {
    this.poll(0);
    this.changed.dispose();
  }

  /** Reads the list now, if it has changed. Calls during a read lead to one more read after it. */
  refresh(): Promise<void> {
    return this.reading.run();
  }

  /** The same after something was done to the modules. */
  refreshChanged(): Promise<void> {
    this.surelyChanged = true;
    return this.refresh();
  }

  /** Reads at an interval (milliseconds); 0 ends that. */
  poll(interval: number): void {
    clearInterval(this.timer);
    this.timer = interval > 0 ? setInterval(() => void this.reading.join(), interval) : undefined;
  }

  /** A loaded module's parameters: read once, and again when a look at the list finds that one has changed. */
  parameters(name: string): Promise<ParameterValue[]> {
    const target = this.current?.target;
    if (target === undefined) {
      return Promise.resolve([]);
    }
    const before = this.parameterReads.get(name);
    if (before !== undefined) {
      return before.values;
    }
    const read: ParameterRead = { values: execute(target, readParameters(name)) };
    this.parameterReads.set(name, read);
    read.values.then(
      (values) => (read.readable = values.filter(({ value }) => value !== undefined)),
      // Who asks again has another answer.
      () => this.parameterReads.delete(name),
    );
    return read.values;
  }

  private async readOnce(): Promise<void> {
    const target = this.connected();
    if (target === undefined) {
      // It may be asked for as long as nobody connects.
      if (this.current !== undefined || this.failure !== undefined) this.settle(undefined, undefined);
      return;
    }
    if (this.current !== undefined && this.current.target !== target) {
      // It may be long before this one answers, and those are not its modules.
      this.settle(undefined, undefined);
    }
    try {
      const before = this.current?.target === target && !this.surelyChanged ? this.current : undefined;
      this.surelyChanged = false;
      const now = before === undefined ? undefined : await this.checksumsOf(target, before);
      const checksums = new Map(now);
      let modules = before?.modules;
      if (modules === undefined || now?.get(MODULES) !== this.checksums.get(MODULES)) {
        const list = await execute(target, listModulesAndText);
        ({ modules } = list);
        checksums.set(MODULES, this.toolOf(target)?.of(list.text) ?? '');
      }
      const names = this.ownOf(modules);
      const buildIds =
        before?.modules === modules && names.every((name) => isSame(buildIdFile(name), now, this.checksums))
          ? before.buildIds
          : names.length === 0
            ? new Map<string, string>()
            : await execute(target, readBuildIds(names));
      // The target may have changed meanwhile: then this answer is about another machine.
      if (this.connected() === target) {
        this.checksums = checksums;
        if (before?.modules !== modules || before.buildIds !== buildIds) {
          this.settle({ target, modules, buildIds }, undefined);
        } else {
          this.forgetChangedParameters(now);
        }
      }
    } catch (error) {
      if (this.connected() === target) {
        this.settle(undefined, error instanceof Error ? error : new Error(String(error)));
      }
    }
  }

  /** The list is as it was; the values of parameters that somebody sees may not be. */
  private forgetChangedParameters(now: Checksums | undefined): void {
    const tool = this.current === undefined ? undefined : this.toolOf(this.current.target);
    const isSame = (name: string, { name: parameter, value = '' }: ParameterValue): boolean =>
      tool !== undefined && now?.get(parameterFile(name, parameter)) === tool.of(Buffer.from(`${value}\n`));
    const changed = [...this.parameterReads].filter(
      ([name, { readable }]) => readable?.every((parameter) => isSame(name, parameter)) === false,
    );
    changed.forEach(([name]) => this.parameterReads.delete(name));
    if (changed.length > 0) {
      this.changed.fire();
    }
  }

  private ownOf(modules: readonly LoadedModule[]): string[] {
    const own = this.ownNames();
    return modules.map(({ name }) => name).filter((name) => own.has(name));
  }

  /** One process on the target, and a line for each file: nothing more is sent where nothing has changed. */
  private async checksumsOf(target: Target, { modules }: ModulesSnapshot): Promise<Checksums | undefined> {
    const parameters = [...this.parameterReads].flatMap(([module, { readable = [] }]) =>
      readable.map(({ name }) => parameterFile(module, name)),
    );
    const files = [MODULES, ...this.ownOf(modules).map(buildIdFile), ...parameters];
    for (let tool = this.toolOf(target); tool !== undefined; tool = this.toolOf(target)) {
      const { exitCode, stdout } = await target.run([tool.program, ...files]);
      // A file that is not there makes it 1.
      if (exitCode === 0 || exitCode === 1) {
        const lines = stdout.toString('latin1').split('\n').map(parseChecksumLine);
        return new Map(lines.flatMap((line) => (line === undefined ? [] : [[line.file, line.checksum]])));
      }
      this.missingTools.set(target, (this.missingTools.get(target) ?? 0) + 1);
    }
    return undefined;
  }

  private toolOf(target: Target): (typeof CHECKSUM_TOOLS)[number] | undefined {
    return CHECKSUM_TOOLS[this.missingTools.get(target) ?? 0];
  }

  private settle(snapshot: ModulesSnapshot | undefined, error: Error | undefined): void {
    this.parameterReads.clear();
    this.current = snapshot;
    this.failure = error;
    this.changed.fire();
  }
}

const LIST = listModules();

const listModulesAndText = {
  ...LIST,
  parse: (result: RunResult) => ({ modules: LIST.parse(result), text: result.stdout }),
};

/** As it was, also where it is not there and was not. */
function isSame(file: string, now: Checksums | undefined, before: Checksums): boolean {
  return now !== undefined && now.get(file) === before.get(file);
}
