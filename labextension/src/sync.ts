import type { ISharedCell, ISharedNotebook, ISharedText } from '@jupyter/ydoc';
import { PathExt } from '@jupyterlab/coreutils';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { INotebookModel } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { NotebookCell, TextDocumentItem } from 'vscode-languageserver-protocol';
import { contentChange } from './change';
import type { Client } from './client';
import { type DebtModel, type IOpenDocument, Text } from './model';

const MARKUP = 1;
const CODE = 2;

/** What of a notebook's metadata the server may want to know: not the state of its widgets, which is long. */
const METADATA = ['kernelspec', 'language_info', 'colab'] as const;

/** The drive of real-time collaboration holds the same files as the plain one. */
const SAME_FILES = ['', 'RTC'];

/** The URI of a path of JupyterLab. */
export function uriOf(rootUri: string, contents: Contents.IManager, path: string): string {
  const drive = contents.driveName(path);
  const root = SAME_FILES.includes(drive) ? rootUri.replace(/\/$/, '') : `jupyter-drive://${encodeURIComponent(drive)}`;
  const local = contents.localPath(path);
  return `${root}/${local.split('/').map(encodeURIComponent).join('/')}`;
}

/** What a notebook and a script have in common: a file that is open while the connection stands. */
abstract class FileSync implements IOpenDocument, IDisposable {
  abstract readonly kind: 'notebook' | 'script';
  abstract readonly texts: readonly Text[];
  analysed = false;
  tooLong = false;
  uri = '';

  constructor(
    protected readonly context: DocumentRegistry.IContext<DocumentRegistry.IModel>,
    protected readonly client: Client,
    protected readonly model: DebtModel,
    private readonly _contents: Contents.IManager
  ) {
    context.pathChanged.connect(this._onPathChanged, this);
    context.saveState.connect(this._onSaveState, this);
    client.connectionChanged.connect(this._onConnection, this);
    void context.ready.then(() => {
      this.open();
      model.changed.emit(); // the panel may wait for the language of the file
    });
  }

  get name(): string {
    return PathExt.basename(this.context.path);
  }

  /** The file's language, when it is not Python. */
  abstract get foreign(): string;

  abstract place(uri: string): { cell: number; count: number | null } | null;

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    Signal.clearData(this);
    this.close();
  }

  /** Tell the server of the whole file, when it can be told and doesn't know it yet. */
  open(): void {
    if (this.isOpen || this._isDisposed || !this.context.isReady || !this.client.isReady || this.foreign) {
      return;
    }
    this.uri = uriOf(this.client.rootUri, this._contents, this.context.path);
    this.version++;
    this.isOpen = this.sendOpen();
    this.tooLong = !this.isOpen;
    if (this.tooLong) {
      this.forget();
    }
  }

  /** Tell the server to forget the file. */
  close(): void {
    if (this.isOpen) {
      this.sendClose();
    }
    this.isOpen = false;
    this.forget();
  }

  /** The server has looked at the whole document: what it said nothing of has no findings. */
  onAnalysed(): void {
    this.analysed = true;
    for (const text of this.texts) {
      if (text.isStale) {
        text.clear();
        this.model.touch(text);
      }
    }
  }

  flush(): void {
    this._isScheduled = false;
    if (this._isDisposed) {
      return;
    }
    if (this.foreign) {
      this.close();
    } else if (this.isOpen) {
      this.sendChanges();
    } else {
      this.open();
    }
  }

  protected abstract sendOpen(): boolean;
  protected abstract sendClose(): void;
  protected abstract sendSaved(): void;
  protected abstract sendChanges(): void;
  /** Drop all texts. */
  protected abstract forget(): void;

  /** What changes at one stroke is told at one stroke. */
  protected schedule(): void {
    if (!this._isScheduled && !this._isDisposed) {
      this._isScheduled = true;
      queueMicrotask(() => this.flush());
    }
  }

  private _onPathChanged(): void {
    this.close();
    this.open();
  }

  private _onSaveState(_: unknown, state: DocumentRegistry.SaveState): void {
    if (state === 'completed' && this.isOpen) {
      this.flush();
      this.sendSaved();
    }
  }

  private _onConnection(): void {
    this.isOpen = false;
    this.analysed = false;
    const { kind } = this.client.connection;
    if (kind === 'ready') {
      this.open();
    } else if (kind === 'off') {
      this.forget();
    }
  }

  protected isOpen = false;
  protected version = 0;
  private _isScheduled = false;
  private _isDisposed = false;
}

/** A cell, and what the server knows of it. */
class Cell {
  constructor(
    readonly text: Text,
    public shared: ISharedCell
  ) {}

  /** What the server was told besides the text, as JSON. */
  told = '';
  isTextChanged = false;
}

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
      this._success.set(id, { count: countOf(cell.shared), success });
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
      cellTextDocuments: this._cells.map(cell => this._item(cell))
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
    const textContent = changed.flatMap(cell => this._content(cell, version));
    if (textContent.length) {
      cells['textContent'] = textContent;
    }
    const data = this._isDataChanged ? this._data() : [];
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
      const kind = shared.cell_type === 'code' ? CODE : MARKUP;
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
    let start = 0;
    while (start < Math.min(before.length, after.length) && before[start] === after[start]) {
      start++;
    }
    let same = 0;
    while (
      same < Math.min(before.length, after.length) - start &&
      before[before.length - 1 - same] === after[after.length - 1 - same]
    ) {
      same++;
    }
    const deleteCount = before.length - same - start;
    const arrived = after.slice(start, after.length - same);
    if (!deleteCount && !arrived.length) {
      return null;
    }
    return {
      array: { start, deleteCount, cells: arrived.map(cell => this._describe(cell)) },
      didOpen: opened.map(cell => this._item(cell)),
      didClose: closed.map(cell => ({ uri: cell.text.uri }))
    };
  }

  /** How a cell's text has changed. */
  private _content(cell: Cell, version: number): object[] {
    cell.isTextChanged = false;
    const text = cell.text;
    const source = cell.shared.getSource();
    if (source === text.source) {
      return [];
    }
    const change = contentChange(text.source, source);
    text.source = source;
    text.version = version;
    return [{ document: { uri: text.uri, version }, changes: [change] }];
  }

  /** The cells whose count, run or tags have changed. */
  private _data(): NotebookCell[] {
    return this._cells.flatMap(cell => {
      const { told } = cell;
      const described = this._describe(cell);
      return told === cell.told ? [] : [described];
    });
  }

  private _describe(cell: Cell): NotebookCell {
    const { shared, text } = cell;
    // JupyterLab empties the count when a run begins. Until the run has its number, the last one stands.
    const isRunning = (shared as { executionState?: string }).executionState === 'running';
    const last =
      cell.told && isRunning ? (JSON.parse(cell.told) as NotebookCell).executionSummary?.executionOrder : null;
    const count = countOf(shared) ?? last ?? null;
    const run = this._success.get(shared.id);
    const described: NotebookCell = {
      kind: text.kind,
      document: text.uri,
      metadata: { execution_count: count, tags: (shared.getMetadata('tags') ?? []) as string[] }
    };
    if (count !== null) {
      described.executionSummary = { executionOrder: count };
      if (run && run.count === count) {
        described.executionSummary.success = run.success;
      }
    }
    cell.told = JSON.stringify(described);
    return described;
  }

  private _item({ text, shared }: Cell): TextDocumentItem {
    const languageId = text.kind === CODE ? 'python' : shared.cell_type === 'markdown' ? 'markdown' : 'raw';
    return { uri: text.uri, languageId, version: text.version, text: text.source };
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
  private _success = new Map<string, { count: number | null; success: boolean }>();
  private _foreign: string | null = null;
  private _isStructureChanged = false;
  private _isMetadataChanged = false;
  private _isDataChanged = false;
}

function countOf(shared: ISharedCell): number | null {
  return shared.cell_type === 'code' ? ((shared as { execution_count?: number | null }).execution_count ?? null) : null;
}

/** Keeps the server in step with a script. */
export class ScriptSync extends FileSync {
  readonly kind = 'script';

  constructor(
    context: DocumentRegistry.IContext<DocumentRegistry.ICodeModel>,
    client: Client,
    model: DebtModel,
    contents: Contents.IManager
  ) {
    super(context, client, model, contents);
    this._shared = context.model.sharedModel;
    this._shared.changed.connect(this.schedule, this);
    context.model.mimeTypeChanged.connect(this.schedule, this);
  }

  get texts(): readonly Text[] {
    return this._text ? [this._text] : [];
  }

  get foreign(): string {
    const { path, model } = this.context;
    const { mimeType } = model as DocumentRegistry.ICodeModel;
    return /\.pyw?$/i.test(path) || /python/.test(mimeType) ? '' : mimeType;
  }

  place(): null {
    return null;
  }

  protected sendOpen(): boolean {
    const text = new Text(this.uri, CODE, this._shared, this._shared.getSource(), this.version);
    const sent = this.client.notify('textDocument/didOpen', {
      textDocument: { uri: text.uri, languageId: 'python', version: text.version, text: text.source }
    });
    if (sent) {
      if (this._text) {
        text.inherit(this._text);
      }
      this._text = text;
      this.model.attach(text, this._shared);
    }
    return sent;
  }

  protected sendClose(): void {
    this.client.notify('textDocument/didClose', { textDocument: { uri: this.uri } });
  }

  protected sendSaved(): void {
    this.client.notify('textDocument/didSave', { textDocument: { uri: this.uri } });
  }

  protected forget(): void {
    if (this._text) {
      this.model.detach(this._text);
    }
    this._text = null;
    this.analysed = false;
  }

  protected sendChanges(): void {
    const text = this._text;
    const source = this._shared.getSource();
    if (!text || source === text.source) {
      return;
    }
    const contentChanges = [contentChange(text.source, source)];
    text.source = source;
    text.version = ++this.version;
    const textDocument = { uri: text.uri, version: text.version };
    if (!this.client.notify('textDocument/didChange', { textDocument, contentChanges })) {
      this.close();
      this.tooLong = this.client.isReady;
    }
  }

  private readonly _shared: ISharedText;
  private _text: Text | null = null;
}
