import * as vscode from 'vscode';
import { plainText } from '../../../kmod/plainText';
import type { ModuleGraph } from '../../kernel/moduleGraph';
import { formatSize } from '../../kernel/formatSize';
import { plural } from '../format';
import { messageOf } from '../messageOf';
import { readWebviewFiles, webviewPage } from '../webviewPage';
import { layOut, type Layout } from './layout';
import type { FromGraphPage, ToGraphPage } from './messages';
import { exportGraph, graphStyle, renderGraph, renderLegend, THEME_VARIABLES } from './svg';
import { say } from '../say';

export interface GraphSource {
  /** What the graph is of: "Loaded modules of scratch". */
  readonly title: string;
  /** The name of an exported file, without its suffix. */
  readonly fileName: string;
  /** Whose modules it shows, and no other's; undefined: those of whatever is connected. */
  readonly target: string | undefined;
  readonly read: () => Promise<ModuleGraph>;
}

/** One graph in a panel of the editor. */
export class GraphPanel {
  private layout: Layout | undefined;
  private ready = false;
  private round = 0;

  private constructor(
    private readonly panel: vscode.WebviewPanel,
    private readonly source: GraphSource,
    private readonly open: (module: string) => void,
  ) {
    panel.webview.onDidReceiveMessage((message: FromGraphPage) => this.receive(message));
  }

  static async show(
    extension: vscode.Uri,
    source: GraphSource,
    open: (module: string) => void,
  ): Promise<GraphPanel> {
    const files = await readWebviewFiles(extension.fsPath, 'graph');
    const panel = vscode.window.createWebviewPanel('kmod.graph', source.title, vscode.ViewColumn.Active, {
      enableScripts: true,
      localResourceRoots: [],
      retainContextWhenHidden: true,
    });
    const shown = new GraphPanel(panel, source, open);
    panel.webview.html = webviewPage(files);
    return shown;
  }

  onDidDispose(listener: () => void): void {
    this.panel.onDidDispose(listener);
  }

  /** Whether it is drawn anew when the modules of a target change. */
  follows(target: string): boolean {
    return this.source.target === undefined || this.source.target === target;
  }

  /** Reads the modules again; a reading that is overtaken shows nothing any more. */
  async update(): Promise<void> {
    if (!this.ready) {
      return;
    }
    const round = ++this.round;
    try {
      const graph = await this.source.read();
      if (round === this.round) {
        this.layout = layOut(graph);
        this.post({
          kind: 'graph',
          title: this.source.title,
          summary: summaryOf(graph),
          graph: renderGraph(this.layout),
          legend: renderLegend(this.layout),
          style: graphStyle((variable) => `var(${variable})`),
          variables: THEME_VARIABLES,
        });
      }
    } catch (error) {
      if (round === this.round) {
        this.layout = undefined;
        this.post({ kind: 'problem', title: this.source.title, text: messageOf(error) });
      }
    }
  }

  private receive(message: FromGraphPage): void {
    switch (message.kind) {
      case 'ready':
        this.ready = true;
        void this.update();
        break;
      case 'refresh':
        void this.update();
        break;
      case 'open':
        this.open(message.name);
        break;
      case 'export':
        void this.export(new Map(message.colours)).catch((error: unknown) =>
          say.error(`The graph was not exported: ${messageOf(error)}`),
        );
        break;
    }
  }

  private async export(colours: ReadonlyMap<string, string>): Promise<void> {
    const { layout, source } = this;
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    const file =
      layout &&
      (await vscode.window.showSaveDialog({
        title: 'Export Graph',
        filters: { 'SVG images': ['svg'] },
        ...(folder === undefined
          ? {}
          : { defaultUri: vscode.Uri.joinPath(folder.uri, `${source.fileName}.svg`) }),
      }));
    if (layout !== undefined && file !== undefined) {
      await vscode.workspace.fs.writeFile(file, Buffer.from(exportGraph(layout, source.title, colours)));
    }
  }

  private post(message: ToGraphPage): void {
    void this.panel.webview.postMessage(message);
  }
}

function summaryOf({ nodes, edges, leftOut }: ModuleGraph): string {
  const bytes = nodes.reduce((sum, { size = 0 }) => sum + size, 0);
  return plainText(
    [
      plural(nodes.length, 'module'),
      edges.length === 1 ? '1 dependency' : `${edges.length} dependencies`,
      ...(bytes > 0 ? [`${formatSize(bytes)} in memory`] : []),
      ...(leftOut > 0 ? [`${leftOut} more modules need it`] : []),
    ].join(', '),
  );
}
