import { PathExt } from '@jupyterlab/coreutils';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { Contents } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { Client } from '../client';
import type { DebtModel, IOpenDocument, Text } from '../model';
import { uriOf } from './uris';

/** What a notebook and a script have in common: a file that is open while the connection stands. */
export abstract class FileSync implements IOpenDocument, IDisposable {
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
