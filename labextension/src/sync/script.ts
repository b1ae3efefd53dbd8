import type { ISharedText } from '@jupyter/ydoc';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { Contents } from '@jupyterlab/services';
import { contentChange } from '../change';
import type { Client } from '../client';
import { type DebtModel, Text } from '../model';
import { CODE } from './cell';
import { FileSync } from './file';

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
