import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Api } from '../../../src/extension';
import type { Session, State } from '../../../src/session';
import { until } from './waiting';

export function file(name: string): vscode.Uri {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  return vscode.Uri.joinPath((folder ?? assert.fail('no folder is open')).uri, name);
}

export async function api(): Promise<Api> {
  const extension = vscode.extensions.getExtension<Api>('paydown.paydown-vscode');
  return (extension ?? assert.fail('the extension is not installed')).activate();
}

/** The session, as soon as it is what is wanted. */
export async function session<K extends State['kind']>(
  kind: K
): Promise<Session & { readonly state: State & { kind: K } }> {
  const { session: ours } = await api();
  await until(`the server to be ${kind}`, [ours.onDidChange], () => ours.state.kind === kind);
  return ours as Session & { readonly state: State & { kind: K } };
}

// Opened as a user does: a document that an extension opens is kept for minutes after its editor was closed.

export async function openScript(name: string): Promise<vscode.TextEditor> {
  await vscode.commands.executeCommand('vscode.open', file(name));
  return until(`the editor of ${name}`, [vscode.window.onDidChangeActiveTextEditor], () => {
    const { activeTextEditor: active } = vscode.window;
    return active?.document.uri.path.endsWith(`/${name}`) && active.document.uri.scheme === 'file' && active;
  });
}

export async function openNotebook(name: string): Promise<vscode.NotebookEditor> {
  await vscode.commands.executeCommand('vscode.openWith', file(name), 'jupyter-notebook');
  return until(`the editor of ${name}`, [vscode.window.onDidChangeActiveNotebookEditor], () => {
    const { activeNotebookEditor: active } = vscode.window;
    return active?.notebook.uri.path.endsWith(`/${name}`) && active;
  });
}

export function cellUri(editor: vscode.NotebookEditor, index: number): vscode.Uri {
  return editor.notebook.cellAt(index).document.uri;
}

/** Another copy of a file of the fixture, for a check that changes it. */
export async function copyOf(name: string): Promise<string> {
  const copy = `${++copies}-${name}`;
  await vscode.workspace.fs.copy(file(name), file(copy));
  return copy;
}

let copies = 0;

/** Sets a setting of the workspace; undefined takes it back. */
export async function set(name: string, value: unknown): Promise<void> {
  await vscode.workspace.getConfiguration().update(name, value, vscode.ConfigurationTarget.Workspace);
}

/** Replaces a part of a text. */
export async function replace(uri: vscode.Uri, range: vscode.Range, text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.replace(uri, range, text);
  assert.ok(await vscode.workspace.applyEdit(edit));
}

export async function closeAll(): Promise<void> {
  await vscode.workspace.saveAll();
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
}

/** The entries of the light bulb at a place, with their edits. */
export async function lightBulb(
  uri: vscode.Uri,
  range: vscode.Range,
  kind?: vscode.CodeActionKind
): Promise<vscode.CodeAction[]> {
  return vscode.commands.executeCommand('vscode.executeCodeActionProvider', uri, range, kind?.value, 20);
}
