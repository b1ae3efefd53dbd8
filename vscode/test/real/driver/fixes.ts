/** Fixes, by light bulb, by command and on save. */

import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Check } from './checks';
import { everyMoment, findings, until } from './waiting';
import { cellUri, closeAll, copyOf, file, lightBulb, openNotebook, openScript, replace, set } from './workspace';

const UNSEEDED = 'unseeded-randomness';
const SAFE = 'source.fixAll.paydown';
const QUERY = '\n  SELECT id\n  FROM crm.customers\n  WHERE churned\n  AND year = 2024\n  ORDER BY id\n';
const SQL = `churned = """${QUERY}"""\n`;

export const checksOfFixes: readonly Check[] = [
  [
    'a fix from the light bulb of a script changes the text, and the finding is gone',
    async () => {
      const { document } = await openScript(await copyOf('churn.py'));
      await payOff(document, 0);
      await vscode.commands.executeCommand('undo');
      await findings(document.uri, UNSEEDED);
      await closeAll();
    }
  ],
  [
    'a fix from the light bulb of a cell changes that cell, and no other',
    async () => {
      const editor = await openNotebook(await copyOf('churn.ipynb'));
      const untouched = editor.notebook.cellAt(4).document.getText();
      await payOff(editor.notebook.cellAt(3).document, 0);
      assert.equal(editor.notebook.cellAt(4).document.getText(), untouched);
      await findings(cellUri(editor, 4), UNSEEDED);
      await closeAll();
    }
  ],
  [
    'one entry fixes all of a rule in the notebook',
    async () => {
      const editor = await openNotebook(await copyOf('churn.ipynb'));
      const [finding] = await findings(cellUri(editor, 3), UNSEEDED);
      const actions = await lightBulb(cellUri(editor, 3), finding!.range, vscode.CodeActionKind.QuickFix);
      const all = actions.find(({ title }) => title.startsWith('Fix all'));
      assert.ok(all?.edit, actions.map(({ title }) => title).join('; '));
      assert.ok(await vscode.workspace.applyEdit(all.edit));
      await findings(cellUri(editor, 3));
      await findings(cellUri(editor, 4));
      await closeAll();
    }
  ],
  [
    'the command fixes all that is safe in the notebook in hand',
    async () => {
      const editor = await openNotebook(await copyOf('churn.ipynb'));
      await findings(cellUri(editor, 3), UNSEEDED);
      await vscode.commands.executeCommand('paydown.fixAll');
      await findings(cellUri(editor, 3));
      await findings(cellUri(editor, 4));
      await closeAll();
    }
  ],
  [
    'a script is fixed on save',
    async () => {
      await set('editor.codeActionsOnSave', { [SAFE]: 'explicit' });
      const { document } = await openScript(await copyOf('churn.py'));
      await findings(document.uri, UNSEEDED);
      await touch(document);
      assert.ok(await document.save());
      assert.match(document.getText(), /random_state/);
      await findings(document.uri);
      await set('editor.codeActionsOnSave', undefined);
      await closeAll();
    }
  ],
  [
    'a notebook is fixed on save, in each of its cells',
    async () => {
      await set('notebook.codeActionsOnSave', { [SAFE]: 'explicit' });
      const editor = await openNotebook(await copyOf('churn.ipynb'));
      await findings(cellUri(editor, 3), UNSEEDED);
      await touch(editor.notebook.cellAt(1).document);
      assert.ok(await editor.notebook.save());
      await findings(cellUri(editor, 3));
      await findings(cellUri(editor, 4));
      for (const index of [3, 4]) {
        assert.match(editor.notebook.cellAt(index).document.getText(), /random_state/);
      }
      await set('notebook.codeActionsOnSave', undefined);
      await closeAll();
    }
  ],
  [
    'SQL of a script moves to a file that the light bulb makes',
    async () => {
      await set('paydown.select', ['embedded-sql']);
      await vscode.workspace.fs.writeFile(file('sales.py'), new TextEncoder().encode(SQL));
      const editor = await openScript('sales.py');
      const [finding] = await findings(editor.document.uri, 'embedded-sql');
      editor.selection = new vscode.Selection(finding!.range.start, finding!.range.start);
      await vscode.commands.executeCommand('editor.action.codeAction', { kind: 'quickfix', apply: 'first' });
      await findings(editor.document.uri);
      assert.match(editor.document.getText(), /^churned = Path\(__file__\).with_name\("churned.sql"\).read_text\(\)$/m);
      await saved('churned.sql');
      assert.equal(await onDisk('churned.sql'), QUERY);
      await closeAll();
    }
  ],
  [
    'SQL of a cell moves to a file, and none is written over',
    async () => {
      await vscode.workspace.fs.writeFile(file('churned.sql'), new TextEncoder().encode('theirs'));
      const editor = await openNotebook(await copyOf('churn.ipynb'));
      const cell = editor.notebook.cellAt(3).document;
      await replace(cell.uri, cell.validateRange(new vscode.Range(0, 0, 999, 0)), SQL);
      const [finding] = await findings(cell.uri, 'embedded-sql');
      editor.selection = new vscode.NotebookRange(3, 4);
      await vscode.commands.executeCommand('notebook.cell.edit');
      const active = await until('the cell to be edited', [vscode.window.onDidChangeActiveTextEditor], () => {
        const { activeTextEditor } = vscode.window;
        return activeTextEditor?.document === cell && activeTextEditor;
      });
      active.selection = new vscode.Selection(finding!.range.start, finding!.range.start);
      await vscode.commands.executeCommand('editor.action.codeAction', { kind: 'quickfix', apply: 'first' });
      await findings(cell.uri);
      assert.match(cell.getText(), /Path\("churned_2.sql"\)/);
      await saved('churned_2.sql');
      assert.equal(await onDisk('churned_2.sql'), QUERY);
      assert.equal(await onDisk('churned.sql'), 'theirs');
      await set('paydown.select', undefined);
      await closeAll();
    }
  ],
  [
    'the data that is read at the cursor is pinned',
    async () => {
      await set('paydown.select', ['unversioned-data-read']);
      const editor = await openScript('reading.py');
      const [finding] = await findings(editor.document.uri, 'unversioned-data-read');
      editor.selection = new vscode.Selection(finding!.range.start, finding!.range.start);
      await vscode.commands.executeCommand('paydown.pinData');
      await findings(editor.document.uri);
      const lock = await vscode.workspace.fs.readFile(file('paydown.lock'));
      assert.match(new TextDecoder().decode(lock), /customers\.csv/);
      await set('paydown.select', undefined);
      await closeAll();
    }
  ]
];

/** Waits until VS Code has saved a file that a fix has made: it does so by itself, without an editor. */
async function saved(name: string): Promise<void> {
  const uri = file(name).toString();
  const isSaved = (): boolean =>
    vscode.workspace.textDocuments.every(document => document.uri.toString() !== uri || !document.isDirty);
  await until(`${name} to be saved`, [vscode.workspace.onDidSaveTextDocument, everyMoment], isSaved);
}

async function onDisk(name: string): Promise<string> {
  return new TextDecoder().decode(await vscode.workspace.fs.readFile(file(name)));
}

/** Applies the fix that the light bulb prefers. */
async function payOff(document: vscode.TextDocument, index: number): Promise<void> {
  const finding = (await findings(document.uri, UNSEEDED))[index];
  const actions = await lightBulb(document.uri, finding!.range, vscode.CodeActionKind.QuickFix);
  const titles = actions.map(({ title }) => title).join('; ');
  assert.ok(
    actions.some(({ command }) => command?.command === 'paydown.accept'),
    titles
  );
  const fix = actions.find(({ isPreferred }) => isPreferred);
  assert.ok(fix?.edit, titles);
  assert.ok(await vscode.workspace.applyEdit(fix.edit));
  assert.match(document.getText(), /random_state/);
  await findings(document.uri);
}

/** An edit that makes the text worth saving. */
async function touch(document: vscode.TextDocument): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.insert(document.uri, new vscode.Position(0, 0), '# looked at again\n');
  assert.ok(await vscode.workspace.applyEdit(edit));
}
