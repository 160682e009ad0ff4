import * as vscode from 'vscode';
import type { TargetDefinition } from '../targets/definition';
import { chooseKernel, ModulesUnknownError, type KernelChoice } from '../targets/scratch/chooseKernel';
import { withProgress } from './cancellation';
import type { Services } from './services';
import { addTargetSetting, targetSettings } from './settings';
import { connectByCommand } from './targets';

/** Which kernel, name; then the target is in the user's settings, and is started. */
export async function addScratchTarget({ manager, storage }: Services): Promise<void> {
  type Choice = vscode.QuickPickItem & { choose: () => Promise<KernelChoice | undefined> };
  const choices: Choice[] = [
    {
      label: '$(file-binary) A kernel image…',
      description: 'bzImage, Image or vmlinuz',
      detail: 'That of a kernel tree has the modules of the tree; else you are asked for their directory.',
      choose: () => pickImage(storage),
    },
    {
      label: "$(circuit-board) Debian's kernel for arm64",
      detail:
        'With its headers, BusyBox, kmod and dropbear: 50 MB are fetched once, and nothing is installed.',
      choose: () => Promise.resolve({ architecture: 'arm64' }),
    },
  ];
  const picked = await vscode.window.showQuickPick<Choice>(choices, {
    title: 'Add Scratch Kernel (1/2): Kernel',
    placeHolder: 'It runs in QEMU, and is thrown away when it is stopped',
  });
  const choice = await picked?.choose();
  if (choice === undefined) {
    return;
  }
  const taken = new Set(manager.definitions.map((one) => one.name));
  const name = await vscode.window.showInputBox({
    title: 'Add Scratch Kernel (2/2): Name',
    prompt: 'How the views call it',
    value: choice.architecture ?? choice.release ?? '',
    ignoreFocusOut: true,
    validateInput: (value) =>
      value.trim() === '' || taken.has(value.trim()) ? 'A name that no target has, please' : undefined,
  });
  if (name === undefined) {
    return;
  }
  const { architecture, kernelImage, modulesDirectory } = choice;
  const definition: TargetDefinition = {
    kind: 'scratch',
    name: name.trim(),
    ...(architecture === undefined ? {} : { architecture }),
    ...(kernelImage === undefined ? {} : { kernelImage }),
    ...(modulesDirectory === undefined ? {} : { modulesDirectory }),
  };
  await addTargetSetting(definition);
  manager.setDefinitions(targetSettings().definitions);
  await connectByCommand(definition.name);
}

/** An image, and where its modules are, if its place does not tell. @throws ConnectError */
async function pickImage(cacheDirectory: string): Promise<KernelChoice | undefined> {
  const kernelImage = await pickPath({
    canSelectFiles: true,
    title: 'Kernel Image',
    openLabel: 'Use This Kernel',
  });
  if (kernelImage === undefined) {
    return undefined;
  }
  const look = (choice: KernelChoice): Promise<KernelChoice> =>
    withProgress(`Looking at ${kernelImage}`, async ({ signal, report }) => {
      const { release } = await chooseKernel(choice, { cacheDirectory, step: report, signal });
      return { ...choice, release };
    });
  try {
    return await look({ kernelImage });
  } catch (error) {
    if (!(error instanceof ModulesUnknownError)) {
      throw error;
    }
  }
  const modulesDirectory = await pickPath({
    canSelectFolders: true,
    canSelectFiles: false,
    title: 'Its Modules: what make modules_install made, lib/modules/RELEASE, or the kernel tree',
    openLabel: 'Use These Modules',
  });
  return modulesDirectory === undefined ? undefined : look({ kernelImage, modulesDirectory });
}

async function pickPath(options: vscode.OpenDialogOptions): Promise<string | undefined> {
  return (await vscode.window.showOpenDialog(options))?.[0]?.fsPath;
}
