import type { JupyterFrontEnd } from '@jupyterlab/application';
import { Clipboard, Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Position, Range, WorkspaceEdit } from 'vscode-languageserver-protocol';
import { type Client, Disconnected } from './client';
import type { Documents } from './documents';
import { applyEdit, type IApplied, isCurrent } from './edits';
import { createFiles, filesOf, type INewFile, namesOf, removeFiles } from './files';
import { isSafelyFixed, plain } from './look';
import type { DebtModel } from './model';
import { cursor, editorInFront, select } from './navigate';
import { askReason } from './reason';
import type { Squiggles } from './squiggles';
import type { IActions, IFinding, IFixOffer, IRulePage } from './tokens';

/** How often an edit is asked for while somebody types. */
const TRIES = 3;

/** Something that was wanted could not be done; the message says all of it. */
class Failed extends Error {}

/** Everything that can be done about findings. */
export class Actions implements IActions {
  /** Shows the page of a rule. */
  showPage: (page: IRulePage) => void = () => undefined;
  squiggles: Squiggles | null = null;

  constructor(
    private readonly _app: JupyterFrontEnd,
    private readonly _client: Client,
    private readonly _model: DebtModel,
    private readonly _documents: Documents,
    private readonly _trans: TranslationBundle
  ) {}

  /** Pay a finding off. */
  async fix(finding: IFinding, offer: IFixOffer): Promise<void> {
    if (offer.command) {
      await this._run(finding, offer);
      return;
    }
    const { uri, fingerprint } = finding;
    await this._edit(uri, 'paydown/fix', { textDocument: { uri }, fingerprint, key: offer.key });
  }

  /** Accept a finding as debt, in a comment that gives the reason. */
  async accept(finding: IFinding): Promise<void> {
    const reason = await askReason(finding.name, this._trans);
    if (reason) {
      const { uri, fingerprint } = finding;
      await this._edit(uri, 'paydown/accept', { textDocument: { uri }, fingerprint, reason });
    }
  }

  /** Open the page of a rule in the panel. */
  async explain(name: string): Promise<void> {
    await this._asking(async () => {
      const page = await this._client.request<IRulePage | null>('paydown/explain', { name });
      if (page) {
        this.showPage(page);
      }
    });
  }

  /** Go to a place, select it, and show what is found there. */
  async reveal(uri: string, range: Range): Promise<void> {
    const sync = this._documents.called(uri);
    const front = this._app.shell.currentWidget;
    const widget = sync && this._documents.widgetOf(sync, front);
    if (!widget) {
      return;
    }
    if (widget !== front) {
      this._app.shell.activateById(widget.id);
    }
    const text = sync.texts.findIndex(text => text.uri === uri);
    const view = await select(widget, text, range);
    if (view) {
      this.squiggles?.flash(view);
    }
  }

  /** How many findings of the same rule a safe fix pays off in the same document. */
  alike({ name, uri }: IFinding): number {
    const sync = this._documents.called(uri);
    return sync ? this._model.findingsOf(sync).filter(one => one.name === name && isSafelyFixed(one)).length : 0;
  }

  /** Make the safe fixes of all findings of a rule, in the document of this one. */
  async fixAlike({ name, uri }: IFinding): Promise<void> {
    const sync = this._documents.called(uri);
    if (sync) {
      await this._edit(sync.uri, 'paydown/fixAll', { textDocument: { uri: sync.uri }, name });
    }
  }

  /** Make all safe fixes of the document in front. */
  async fixAllSafe(): Promise<void> {
    const { current } = this._model;
    if (current) {
      await this._edit(current.uri, 'paydown/fixAll', { textDocument: { uri: current.uri }, name: null });
    }
  }

  /** Go to the next finding (1) or the one before (-1), round and round, and show it. */
  async step(direction: 1 | -1): Promise<void> {
    const sync = this._documents.of(this._app.shell.currentWidget);
    const widget = sync && this._documents.widgetOf(sync, this._app.shell.currentWidget);
    if (!widget) {
      return;
    }
    const places = this._model.findingsOf(sync).map(finding => ({
      finding,
      text: sync.texts.findIndex(text => text.uri === finding.uri)
    }));
    const here = cursor(widget);
    const order = (text: number, position: Position): number =>
      text - here.text || position.line - here.position.line || position.character - here.position.character;
    const target =
      direction > 0
        ? (places.find(({ finding, text }) => order(text, finding.range.start) > 0) ?? places[0])
        : (places.filter(({ finding, text }) => order(text, finding.range.start) < 0).at(-1) ?? places.at(-1));
    const view = target && (await select(widget, target.text, target.finding.range));
    if (view) {
      this.squiggles?.show(view, view.state.selection.main.head, false);
    }
  }

  /** Make the one fix there is at the cursor, or show which there are. */
  async fixAtCursor(): Promise<void> {
    const widget = this._app.shell.currentWidget;
    const place = widget && editorInFront(widget);
    if (!place || !this.squiggles) {
      return;
    }
    const { head } = place.view.state.selection.main;
    const [finding, ...others] = this.squiggles.at(place.view, head);
    if (finding && !others.length && finding.fixes.length === 1) {
      await this.fix(finding, finding.fixes[0]!);
    } else {
      this.squiggles.show(place.view, head, true);
    }
  }

  /** Whether the document in front has findings. */
  get hasFindings(): boolean {
    return this._model.findings.length > 0;
  }

  restart(): void {
    this._client.restart();
  }

  /** A fix that is a command and edits nothing. */
  private async _run(finding: IFinding, offer: IFixOffer): Promise<void> {
    const trans = this._trans;
    const [verb, ...rest] = offer.command.split(' ');
    if (verb === 'pin') {
      const argument = { uri: finding.uri, reference: rest.join(' ') };
      await this._asking(async () => {
        await this._client.request('workspace/executeCommand', { command: 'paydown.pin', arguments: [argument] });
      });
      return;
    }
    const { button } = await showDialog({
      title: plain(offer.title),
      body: trans.__('Run this in a terminal, in the folder of the project: %1', offer.command),
      buttons: [Dialog.cancelButton(), Dialog.okButton({ label: trans.__('Copy the command') })]
    });
    if (button.accept) {
      Clipboard.copyToSystem(offer.command);
    }
  }

  /** Ask the server for an edit and make it. It computes from what it has been told, so it's told all first. */
  private async _edit(uri: string, method: string, params: object): Promise<void> {
    await this._asking(async () => {
      let applied: IApplied | null = null;
      let files: INewFile[] = [];
      for (let attempt = 0; attempt < TRIES && (!applied || applied.outcome === 'outdated'); attempt++) {
        this._documents.called(uri)?.flush();
        const edit = await this._client.request<WorkspaceEdit | null>(method, params);
        files = filesOf(edit, this._client.rootUri);
        applied = await this._apply(edit, files);
      }
      if (applied?.outcome === 'applied') {
        if (this._undoOffer) {
          Notification.dismiss(this._undoOffer);
        }
      }
      if (applied?.outcome === 'applied' && (applied.texts > 1 || files.length)) {
        this._tell(applied, files);
      } else if (applied?.outcome === 'nothing') {
        Notification.info(this._trans.__('Nothing to change: the finding is gone meanwhile.'), { autoClose: 3000 });
      } else if (applied?.outcome === 'outdated') {
        Notification.warning(this._trans.__('The code was changed meanwhile. Try again.'), { autoClose: 5000 });
      }
    });
  }

  /** Make the files of an edit, then the edit; where that can't be made any more, the files go again. */
  private async _apply(edit: WorkspaceEdit | null, files: readonly INewFile[]): Promise<IApplied> {
    if (!files.length || !isCurrent(edit, this._model)) {
      return applyEdit(edit, this._model);
    }
    const { contents } = this._app.serviceManager;
    try {
      if (!(await createFiles(files, contents))) {
        return { outcome: 'outdated', texts: 0, revert: () => false };
      }
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      throw new Failed(this._trans.__('%1 could not be created: %2', namesOf(files), said));
    }
    const applied = applyEdit(edit, this._model);
    if (applied.outcome !== 'applied') {
      await removeFiles(files, contents);
    }
    return applied;
  }

  /** Say what was changed elsewhere. Each cell has an undo of its own: what has changed several is taken back here. */
  private _tell(applied: IApplied, files: readonly INewFile[]): void {
    const trans = this._trans;
    const undo = {
      label: trans.__('Undo'),
      caption: trans.__('Take the changes of all these cells back'),
      callback: () => {
        if (!applied.revert()) {
          Notification.warning(trans.__('The code was changed meanwhile: undo it in each cell.'), { autoClose: 5000 });
        }
      }
    };
    const open = files.map(({ path }) => ({
      label: trans.__('Open'),
      caption: trans.__('Open %1', path),
      callback: () => void this._app.commands.execute('docmanager:open', { path })
    }));
    const message = files.length
      ? trans.__('%1 was created.', namesOf(files))
      : trans._n('%1 cell was changed.', '%1 cells were changed.', applied.texts);
    this._undoOffer = Notification.info(message, {
      autoClose: 8000,
      actions: [...open, ...(applied.texts > 1 ? [undo] : [])]
    });
  }

  /** Ask the server, and say so when it can't answer. */
  private async _asking(ask: () => Promise<void>): Promise<void> {
    try {
      await ask();
    } catch (error) {
      const said = error instanceof Error ? error.message : String(error);
      Notification.warning(
        error instanceof Disconnected
          ? this._trans.__('The language server is starting again. Try again in a moment.')
          : error instanceof Failed
            ? said
            : this._trans.__('paydown could not do this: %1', said),
        { autoClose: 5000 }
      );
    }
  }

  /** The notification that tells of the last edit, and may offer to undo it. */
  private _undoOffer = '';
}
