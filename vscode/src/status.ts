/** The language status: how much debt the document in hand carries, and how the server is. */

import * as vscode from 'vscode';
import { DOCUMENTS } from './client';
import type { QuietClient } from './client';
import type { State } from './session';

/** The server's word on a document that it has analysed. */
interface Analysed {
  readonly uri: string;
  readonly principal: number;
  readonly count: number;
}

export class Status implements vscode.Disposable {
  private readonly item = vscode.languages.createLanguageStatusItem('paydown.debt', DOCUMENTS);
  private readonly debts = new Map<string, Analysed>();
  private readonly subscriptions: vscode.Disposable[];
  private state: State = { kind: 'off' };

  constructor() {
    this.item.name = 'paydown';
    const { onDidChangeActiveTextEditor, onDidChangeActiveNotebookEditor } = vscode.window;
    this.subscriptions = [
      onDidChangeActiveTextEditor(() => this.show()),
      onDidChangeActiveNotebookEditor(() => this.show()),
      vscode.workspace.onDidCloseTextDocument(({ uri }) => this.debts.delete(uri.toString())),
      vscode.workspace.onDidCloseNotebookDocument(({ uri }) => this.debts.delete(uri.toString()))
    ];
    this.show();
  }

  /** Hears of each analysis from the client's server. */
  listenTo(client: QuietClient): void {
    client.onNotification('paydown/analysed', (analysed: Analysed) => {
      const uri = client.protocol2CodeConverter.asUri(analysed.uri).toString();
      this.debts.set(uri, analysed);
      this.show();
    });
  }

  become(state: State): void {
    this.state = state;
    if (state.kind !== 'running') {
      this.debts.clear();
    }
    this.show();
  }

  /** What it says now; tests read it. */
  get text(): string {
    return this.item.text;
  }

  dispose(): void {
    this.item.dispose();
    this.subscriptions.forEach(subscription => void subscription.dispose());
  }

  private show(): void {
    const { item, state } = this;
    const { t } = vscode.l10n;
    item.busy = state.kind === 'starting';
    item.severity =
      state.kind === 'failed' ? vscode.LanguageStatusSeverity.Error : vscode.LanguageStatusSeverity.Information;
    switch (state.kind) {
      case 'off':
        item.text = t('paydown is off');
        item.detail = '';
        item.command = { title: t('Start'), command: 'paydown.restart' };
        break;
      case 'starting':
        item.text = t('paydown is starting');
        item.detail = '';
        item.command = { title: t('Show Log'), command: 'paydown.showLog' };
        break;
      case 'failed':
        item.text = t('paydown is not running');
        item.detail = state.why;
        item.command = { title: t('Restart'), command: 'paydown.restart' };
        break;
      case 'running':
        item.text = debtText(this.debts.get(activeDocument() ?? ''));
        this.showLaunch(state);
    }
  }

  private showLaunch({ launch }: State & { kind: 'running' }): void {
    const { t } = vscode.l10n;
    const { server, interpreter, complaint } = launch;
    if (complaint) {
      this.item.severity = vscode.LanguageStatusSeverity.Warning;
      this.item.detail = t('Another Python stands in. {0}', complaint);
      this.item.command = { title: t('Select Interpreter'), command: 'paydown.selectInterpreter' };
      return;
    }
    this.item.detail =
      server === 'custom'
        ? t('Your own paydown server')
        : server === 'bundled'
          ? t('Bundled paydown, Python {0}', interpreter?.version ?? '')
          : t('Installed paydown, Python {0}', interpreter?.version ?? '');
    this.item.command = { title: t('Show Log'), command: 'paydown.showLog' };
  }
}

/** The notebook or script in hand. */
function activeDocument(): string | undefined {
  const { activeNotebookEditor, activeTextEditor } = vscode.window;
  return (activeNotebookEditor?.notebook.uri ?? activeTextEditor?.document.uri)?.toString();
}

function debtText(analysed: Analysed | undefined): string {
  const { t } = vscode.l10n;
  if (!analysed) {
    return 'paydown';
  }
  if (!analysed.count) {
    return t('No debt found');
  }
  const time = duration(analysed.principal);
  return analysed.count === 1
    ? t('{0} of debt in 1 place', time)
    : t('{0} of debt in {1} places', time, analysed.count);
}

/** Minutes as a reader says them. */
function duration(minutes: number): string {
  const { t } = vscode.l10n;
  const hours = Math.floor(minutes / 60);
  const rest = minutes % 60;
  return hours ? (rest ? t('{0} h {1} min', hours, rest) : t('{0} h', hours)) : t('{0} min', rest);
}
