import type { JupyterFrontEnd } from '@jupyterlab/application';
import type { DocumentRegistry, IDocumentWidget } from '@jupyterlab/docregistry';
import type { FileEditor, IEditorTracker } from '@jupyterlab/fileeditor';
import { type INotebookModel, type INotebookTracker, NotebookActions, NotebookPanel } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';
import type { Widget } from '@lumino/widgets';
import type { Client } from './client';
import type { DebtModel } from './model';
import { NotebookSync } from './sync/notebook';
import { ScriptSync } from './sync/script';

type Sync = NotebookSync | ScriptSync;

/** A file that is open, and the widgets that show it. */
interface IShown {
  readonly sync: Sync;
  readonly widgets: Set<Widget>;
}

/** The notebooks and scripts that are open: one for each file, however many views it has. */
export class Documents {
  constructor(
    private readonly _client: Client,
    private readonly _model: DebtModel,
    private readonly _contents: Contents.IManager,
    private readonly _shell: JupyterFrontEnd.IShell
  ) {}

  /** Follow the notebooks and the file editors of the application. */
  follow(notebooks: INotebookTracker, editors: IEditorTracker | null): void {
    const addNotebook = (panel: NotebookPanel): void => this._add(panel, panel.context, this._notebook);
    notebooks.forEach(addNotebook);
    notebooks.widgetAdded.connect((_, panel) => addNotebook(panel));
    const addScript = (widget: IDocumentWidget<FileEditor>): void =>
      this._add(widget, widget.context as DocumentRegistry.CodeContext, this._script);
    editors?.forEach(addScript);
    editors?.widgetAdded.connect((_, widget) => addScript(widget));
    for (const source of [this._shell, notebooks, editors]) {
      source?.currentChanged?.connect(this.lookAtFront, this);
    }
    NotebookActions.executed.connect((_, { notebook, cell, success }) => {
      const sync = notebook.parent && this.of(notebook.parent);
      if (sync?.kind === 'notebook') {
        sync.ran(cell.model.sharedModel.getId(), success);
      }
    });
  }

  /** The file that a widget shows. */
  of(widget: Widget | null): Sync | null {
    return (widget && this._byWidget.get(widget)?.sync) ?? null;
  }

  /** The file that the server calls so, by its own URI or that of one of its cells. */
  called(uri: string): Sync | null {
    for (const { sync } of this._shown.values()) {
      if (sync.uri === uri || sync.texts.some(text => text.uri === uri)) {
        return sync;
      }
    }
    return null;
  }

  /** A widget that shows a file: the preferred one, if it does. */
  widgetOf(sync: Sync, preferred: Widget | null): Widget | null {
    const widgets = [...this._shown.values()].find(shown => shown.sync === sync)?.widgets;
    if (!widgets) {
      return null;
    }
    return preferred && widgets.has(preferred) ? preferred : ([...widgets].at(-1) ?? null);
  }

  /** The widget in front has changed. What shows no code leaves the panel as it is. */
  lookAtFront(): void {
    const sync = this.of(this._shell.currentWidget);
    if (sync && !(sync.kind === 'script' && sync.foreign)) {
      this._model.current = sync;
    }
  }

  private _add<T extends DocumentRegistry.IModel>(
    widget: Widget,
    context: DocumentRegistry.IContext<T>,
    make: (context: DocumentRegistry.IContext<T>) => Sync
  ): void {
    const shown = this._shown.get(context) ?? { sync: make(context), widgets: new Set<Widget>() };
    this._shown.set(context, shown);
    shown.widgets.add(widget);
    this._byWidget.set(widget, shown);
    this._client.start();
    widget.disposed.connect(() => {
      this._byWidget.delete(widget);
      shown.widgets.delete(widget);
      if (!shown.widgets.size) {
        this._shown.delete(context);
        shown.sync.dispose();
        if (this._model.current === shown.sync) {
          this._model.current = null;
          this.lookAtFront();
        }
      }
    });
    this.lookAtFront(); // a tracker may tell of a widget after it came to the front
  }

  private _notebook = (context: DocumentRegistry.IContext<INotebookModel>): Sync =>
    new NotebookSync(context, this._client, this._model, this._contents);

  private _script = (context: DocumentRegistry.IContext<DocumentRegistry.ICodeModel>): Sync =>
    new ScriptSync(context, this._client, this._model, this._contents);

  private readonly _shown = new Map<DocumentRegistry.IContext<DocumentRegistry.IModel>, IShown>();
  private readonly _byWidget = new Map<Widget, IShown>();
}
