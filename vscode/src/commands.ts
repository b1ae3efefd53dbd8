/** What the user can ask for at the cursor. */

import * as vscode from 'vscode';
import type { CodeAction, Command } from 'vscode-languageclient/node';
import type { QuietClient } from './client';
import { applyAsked } from './edits';
import { findingsAtCursor, nameOf, type Finding } from './findings';
import { openPage } from './pages';
import type { Session } from './session';

const { t } = vscode.l10n;

/** The server's command that writes `paydown.lock`. */
const PIN = 'paydown.pin';

interface RuleLine {
  readonly name: string;
  readonly code: string;
  readonly summary: string;
}

/** Shows the page of the rule at the cursor, or of any rule where there is no finding. */
export async function explain(session: Session, named?: unknown): Promise<void> {
  if (typeof named === 'string') {
    return openPage(named);
  }
  const client = clientOrWord(session);
  if (!client) {
    return;
  }
  const editor = vscode.window.activeTextEditor;
  const names = new Set(editor ? findingsAtCursor(client, editor).map(({ name }) => name) : []);
  const [only] = names;
  if (only && names.size === 1) {
    return openPage(only);
  }
  const rules = await client.sendRequest<RuleLine[]>('paydown/rules', {});
  const items = rules
    .filter(({ name }) => !names.size || names.has(name))
    .map(({ name, code, summary }) => ({ label: name, description: code, detail: summary }));
  const chosen = await vscode.window.showQuickPick(items, { placeHolder: t('Which rule?'), matchOnDetail: true });
  if (chosen) {
    await openPage(chosen.label);
  }
}

/** Applies every safe fix in the notebook or script in hand. */
export async function fixAll(session: Session): Promise<void> {
  const uri = (
    vscode.window.activeNotebookEditor?.notebook.uri ?? vscode.window.activeTextEditor?.document.uri
  )?.toString();
  const client = clientOrWord(session);
  if (!client || !uri) {
    return;
  }
  if (!(await applyAsked(client, 'paydown/fixAll', { textDocument: { uri }, name: null }))) {
    vscode.window.setStatusBarMessage(t('paydown: nothing to fix safely here'), 5000);
  }
}

/** Accepts a finding, with a reason: the one that a code action names or else the one at the cursor. */
export async function accept(session: Session, uri?: unknown, fingerprint?: unknown): Promise<void> {
  const client = clientOrWord(session);
  if (!client) {
    return;
  }
  const finding =
    typeof uri === 'string' && typeof fingerprint === 'string'
      ? { uri, fingerprint, name: nameOf(client, uri, fingerprint) }
      : await chosenFinding(client);
  if (!finding) {
    return;
  }
  const reason = await vscode.window.showInputBox({
    title: finding.name ? t('Accept this debt: {0}', finding.name) : t('Accept this debt'),
    prompt: t('Why is it right to keep it? The reason is written beside the code.'),
    placeHolder: t('a demo; the data is public; agreed until March'),
    validateInput: text => (text.trim() ? undefined : t('A reason helps whoever reads this next.'))
  });
  if (!reason) {
    return;
  }
  const params = { textDocument: { uri: finding.uri }, fingerprint: finding.fingerprint, reason: reason.trim() };
  if (!(await applyAsked(client, 'paydown/accept', params))) {
    vscode.window.setStatusBarMessage(t('paydown: this finding is gone meanwhile'), 5000);
  }
}

/** Pins the data that is read at the cursor in `paydown.lock`. */
export async function pinData(session: Session): Promise<void> {
  const client = clientOrWord(session);
  const editor = vscode.window.activeTextEditor;
  if (!client || !editor) {
    return;
  }
  const pins = await pinsAtCursor(client, editor);
  const items = pins.map(command => ({ label: command.title, command }));
  const chosen =
    items.length > 1 ? await vscode.window.showQuickPick(items, { placeHolder: t('Which data?') }) : items[0];
  if (chosen) {
    await vscode.commands.executeCommand(chosen.command.command, ...((chosen.command.arguments ?? []) as unknown[]));
  } else if (!items.length) {
    vscode.window.setStatusBarMessage(t('paydown: no unversioned data is read at the cursor'), 5000);
  }
}

/** Types a command into a terminal beside the document. The user sends it off. */
export function typeInTerminal({ uri, command }: { readonly uri: string; readonly command: string }): void {
  const cwd = vscode.Uri.joinPath(vscode.Uri.parse(uri).with({ fragment: '' }), '..');
  const terminal = vscode.window.createTerminal({ name: 'paydown', cwd: cwd.fsPath });
  terminal.show();
  terminal.sendText(command.replace(/[\r\n]+/g, ' '), false);
}

async function pinsAtCursor(client: QuietClient, editor: vscode.TextEditor): Promise<Command[]> {
  const { document, selection } = editor;
  const line = new vscode.Range(
    selection.start.line,
    0,
    selection.end.line,
    document.lineAt(selection.end.line).text.length
  );
  const here = (client.diagnostics?.get(document.uri) ?? []).filter(({ range }) => range.intersection(line));
  const actions = await client.sendRequest<(CodeAction | Command)[] | null>('textDocument/codeAction', {
    textDocument: client.code2ProtocolConverter.asTextDocumentIdentifier(document),
    range: client.code2ProtocolConverter.asRange(line),
    context: { diagnostics: await client.code2ProtocolConverter.asDiagnostics([...here]) }
  });
  return (actions ?? [])
    .map(action => (typeof action.command === 'string' ? (action as Command) : action.command))
    .filter((command): command is Command => command?.command === PIN);
}

async function chosenFinding(client: QuietClient): Promise<Finding | undefined> {
  const editor = vscode.window.activeTextEditor;
  const findings = editor ? findingsAtCursor(client, editor) : [];
  if (findings.length < 2) {
    if (!findings.length) {
      vscode.window.setStatusBarMessage(t('paydown: no finding at the cursor'), 5000);
    }
    return findings[0];
  }
  const items = findings.map(finding => ({ label: finding.name, detail: finding.message, finding }));
  return (await vscode.window.showQuickPick(items, { placeHolder: t('Which finding?') }))?.finding;
}

/** The client; where there is none, a word why nothing happens. */
function clientOrWord(session: Session): QuietClient | undefined {
  const { client } = session;
  if (!client) {
    vscode.window.setStatusBarMessage(t('paydown is not running'), 5000);
  }
  return client;
}
