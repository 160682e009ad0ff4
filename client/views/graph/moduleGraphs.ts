import type * as vscode from 'vscode';
import type { ModuleMonitor } from '../../kernel/moduleMonitor';
import type { GraphPanel, GraphSource } from './graphPanel';

/** The open graphs. What draws them is read when the first is opened. */
export class ModuleGraphs {
  private readonly panels = new Set<GraphPanel>();
  private readonly subscription: { dispose(): void };
  private names: string | undefined;

  constructor(
    private readonly extension: vscode.Uri,
    private readonly monitor: ModuleMonitor,
  ) {
    this.subscription = monitor.onDidChange(() => this.follow());
  }

  dispose(): void {
    this.subscription.dispose();
  }

  /** @param open shows a module that was clicked */
  async show(source: GraphSource, open: (module: string) => void): Promise<void> {
    const { GraphPanel: Panel } = await import('./graphPanel');
    const panel = await Panel.show(this.extension, source, open);
    this.panels.add(panel);
    panel.onDidDispose(() => this.panels.delete(panel));
  }

  /** Draws anew when another set of modules is loaded; a poll that finds the same changes nothing. */
  private follow(): void {
    const { snapshot } = this.monitor;
    const names =
      snapshot &&
      [
        snapshot.target.name,
        ...snapshot.modules.map(({ name, references }) => `${name} ${references}`),
      ].join();
    if (snapshot !== undefined && names !== this.names) {
      for (const panel of this.panels) {
        if (panel.follows(snapshot.target.name)) {
          void panel.update();
        }
      }
    }
    this.names = names;
  }
}
