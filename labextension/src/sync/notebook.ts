import type { ISharedNotebook, ISharedText } from '@jupyter/ydoc';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { INotebookModel } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';
import type { NotebookCell } from 'vscode-languageserver-protocol';
import { replaced } from '../change';
import type { Client } from '../client';
import { type DebtModel, Text } from '../model';
import { Cell, countOf, type IRun, kindOf } from './cell';
import { FileSync } from './file';

/** What of a notebook's metadata the server may want to know: not the state of its widgets, which is long. */
const METADATA = ['kernelspec', 'language_info', 'colab'] as const;

/** Keeps the server in step with a notebook: all its cells, in their order; never an output. */
export class NotebookSync extends FileSync {
  readonly kind = 'notebook';

  constructor(
    context: DocumentRegistry.IContext<INotebookModel>,
    client: Client,
    model: DebtModel,
    contents: Contents.IManager
  ) {
    super(context, client, model, contents);
    this._notebook = context.model.sharedModel;
    this._notebook.changed.connect(this._onNotebookChanged, this);
    this._notebook.metadataChanged.connect(this._onMetadataChanged, this);
  }

  get texts(): readonly Text[] {
    return this._texts;
  }

  get foreign(): string {
    if (!this.context.isReady) {
      return ''; // the panel may ask before the file is there
    }
    if (this._foreign === null) {
      const { kernelspec, language_info } = this._metadata();
      const spoken = String(kernelspec?.language || language_info?.name || '');
      this._foreign = !spoken || /^i?python\d*$/i.test(spoken) ? '' : spoken;
    }
    return this._foreign;
  }

  place(uri: string): { cell: number; count: number | null } | null {
    const index = this._texts.findIndex(text => text.uri === uri);
    return index < 0 ? null : { cell: index + 1, count: countOf(this._cells[index]!.shared) };
  }

  /** Whether the run of a cell went well. A later run makes it forgotten. */
  ran(id: string, success: boolean): void {
    const cell = this._cells.find(({ shared }) => shared.id === id);
    if (cell) {
      this._runs.set(id, { count: countOf(cell.shared), success });
      this._isDataChanged = true;
      this.schedule();
    }
  }

  override dispose(): void {
    this._cells.forEach(cell => this._unfollow(cell));
    super.dispose();
  }

  protected sendOpen(): boolean {
    const before = new Map(this._cells.map(cell => [cell.text.uri, cell]));
    this._cells.forEach(cell => this._unfollow(cell));
    this._cells = this._arrange(new Map());
    const sent = this.client.notify('notebookDocument/didOpen', {
      notebookDocument: {
        uri: this.uri,
        notebookType: 'jupyter-notebook',
        version: this.version,
        metadata: this._metadata(),
        cells: this._cells.map(cell => this._describe(cell))
      },
      cellTextDocuments: this._cells.map(cell => cell.item())
    });
    if (sent) {
      this._texts = this._cells.map(cell => cell.text);
      for (const { text } of this._cells) {
        const known = before.get(text.uri)?.text;
        before.delete(text.uri);
        if (known) {
          text.inherit(known);
        }
        this.model.attach(text, text.shared);
      }
      before.forEach(cell => this.model.detach(cell.text));
    }
    return sent;
  }

  protected sendClose(): void {
    this.client.notify('notebookDocument/didClose', {
      notebookDocument: { uri: this.uri },
      cellTextDocuments: this._texts.map(({ uri }) => ({ uri }))
    });
  }

  protected sendSaved(): void {
    this.client.notify('notebookDocument/didSave', { notebookDocument: { uri: this.uri } });
  }

  protected forget(): void {
    for (const cell of this._cells) {
      this._unfollow(cell);
      this.model.detach(cell.text);
    }
    this._cells = [];
    this._texts = [];
    this.analysed = false;
  }

  protected sendChanges(): void {
    const version = this.version + 1;
    const cells: Record<string, unknown> = {};
    const commits: (() => void)[] = [];
    if (this._isStructureChanged) {
      this._isStructureChanged = false;
      const structure = this._structure(version, commits);
      if (structure) {
        cells['structure'] = structure;
      }
    }
    const changed = this._cells.filter(cell => cell.isTextChanged);
    const textContent = changed.flatMap(cell => cell.content(version));
    if (textContent.length) {
      cells['textContent'] = textContent;
    }
    const data = this._isDataChanged ? this._cells.flatMap(cell => cell.news(this._runs.get(cell.shared.id))) : [];
    this._isDataChanged = false;
    if (data.length) {
      cells['data'] = data;
    }
    const change: Record<string, unknown> = Object.keys(cells).length ? { cells } : {};
    if (this._isMetadataChanged) {
      this._isMetadataChanged = false;
      change['metadata'] = this._metadata();
    }
    if (!Object.keys(change).length) {
      return;
    }
    this.version = version;
    if (!this.client.notify('notebookDocument/didChange', { notebookDocument: { uri: this.uri, version }, change })) {
      this.close();
      this.tooLong = this.client.isReady;
      return;
    }
    commits.forEach(commit => commit());
  }

  /** The cells as they stand, keeping those of `known` that are still there. */
  private _arrange(known: Map<string, Cell>): Cell[] {
    const taken = new Set<string>();
    return this._notebook.cells.map(shared => {
      const base = `${this.uri}#${encodeURIComponent(shared.id)}`;
      let uri = base;
      for (let copy = 2; taken.has(uri); copy++) {
        uri = `${base}~${copy}`; // a broken file may use an id twice
      }
      taken.add(uri);
      const kind = kindOf(shared);
      let cell = known.get(uri);
      if (cell?.text.kind !== kind) {
        cell = new Cell(new Text(uri, kind, shared, shared.getSource(), this.version), shared);
      } else if (cell.shared !== shared) {
        this._unfollow(cell); // moved or brought back: the same cell behind a new model
        cell.shared = shared;
        cell.isTextChanged = true;
      } else {
        return cell;
      }
      shared.changed.connect(this._onCellChanged, this);
      shared.metadataChanged.connect(this._onCellMetadataChanged, this);
      return cell;
    });
  }

  /** How the array of cells has changed: one stretch of it was replaced. */
  private _structure(version: number, commits: (() => void)[]): object | null {
    const before = this._cells;
    this.version = version;
    const after = this._arrange(new Map(before.map(cell => [cell.text.uri, cell])));
    this._cells = after;
    const [old, now] = [new Set(before), new Set(after)];
    const opened = after.filter(cell => !old.has(cell));
    const closed = before.filter(cell => !now.has(cell));
    closed.forEach(cell => this._unfollow(cell));
    commits.push(() => {
      this._texts = after.map(cell => cell.text);
      closed.forEach(cell => this.model.detach(cell.text));
      for (const cell of after) {
        if (this.model.behind(cell.shared) !== cell.text) {
          this.model.attach(cell.text, cell.shared);
        }
      }
    });
    const { start, deleteCount, arrived } = replaced(before, after);
    if (!deleteCount && !arrived.length) {
      return null;
    }
    return {
      array: { start, deleteCount, cells: arrived.map(cell => this._describe(cell)) },
      didOpen: opened.map(cell => cell.item()),
      didClose: closed.map(cell => ({ uri: cell.text.uri }))
    };
  }

  private _describe(cell: Cell): NotebookCell {
    return cell.describe(this._runs.get(cell.shared.id));
  }

  private _metadata(): Partial<Record<(typeof METADATA)[number], any>> {
    return Object.fromEntries(
      METADATA.map(key => [key, this._notebook.getMetadata(key)] as const).filter(([, value]) => value !== undefined)
    );
  }

  private _unfollow({ shared }: Cell): void {
    shared.changed.disconnect(this._onCellChanged, this);
    shared.metadataChanged.disconnect(this._onCellMetadataChanged, this);
  }

  private _onNotebookChanged(_: ISharedNotebook, change: { cellsChange?: unknown }): void {
    if (change.cellsChange) {
      this._isStructureChanged = true;
      this.schedule();
    }
  }

  private _onMetadataChanged(): void {
    this._foreign = null;
    this._isMetadataChanged = true;
    this.schedule();
  }

  private _onCellChanged(
    shared: ISharedText,
    change: { sourceChange?: unknown; executionCountChange?: unknown; executionStateChange?: unknown }
  ): void {
    if (change.sourceChange) {
      const cell = this._cells.find(cell => cell.shared === shared);
      if (cell) {
        cell.isTextChanged = true;
        this.schedule();
      }
    }
    if (change.executionCountChange || change.executionStateChange) {
      this._onCellMetadataChanged();
    }
  }

  private _onCellMetadataChanged(): void {
    this._isDataChanged = true;
    this.schedule();
  }

  private readonly _notebook: ISharedNotebook;
  private _cells: Cell[] = [];
  private _texts: readonly Text[] = [];
  private _runs = new Map<string, IRun>();
  private _foreign: string | null = null;
  private _isStructureChanged = false;
  private _isMetadataChanged = false;
  private _isDataChanged = false;
}
