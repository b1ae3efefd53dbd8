/** What is seen in scripts and notebooks, as they are opened, edited and closed. */

import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Check } from './checks';
import { everyMoment, findings, until } from './waiting';
import { api, cellUri, closeAll, copyOf, openNotebook, openScript, replace, session, set } from './workspace';

const UNSEEDED = 'unseeded-randomness';

export const checksOfDocuments: readonly Check[] = [
  [
    'an environment that is too old is passed over, and the bundled server starts under the next Python',
    async () => {
      const { state } = await session('running');
      assert.equal(state.launch.server, 'bundled');
      assert.match(state.launch.interpreter?.version ?? '', /^3\.1\d/);
    }
  ],
  [
    'a script shows its findings',
    async () => {
      const { document } = await openScript('churn.py');
      const [finding] = await findings(document.uri, UNSEEDED);
      assert.ok(finding);
      assert.match(document.getText(finding.range), /^train_test_split/);
      assert.equal(finding.severity, vscode.DiagnosticSeverity.Warning);
      assert.equal((finding.code as { value: string }).value, 'HTD811');
    }
  ],
  [
    'a notebook shows the findings of its cells',
    async () => {
      const editor = await openNotebook('churn.ipynb');
      await findings(cellUri(editor, 3), UNSEEDED);
      await findings(cellUri(editor, 4), UNSEEDED);
      await findings(cellUri(editor, 1));
    }
  ],
  [
    'the language status says what the document in hand costs',
    async () => {
      const { status } = await api();
      await openNotebook('churn.ipynb');
      await until('the minutes of the notebook', [everyMoment], () =>
        /^\d+ min of debt in 2 places$/.test(status.text)
      );
      await openScript('tidy.py');
      await until('the minutes of the script', [everyMoment], () => status.text === 'No debt found');
    }
  ],
  [
    'a hover in a cell tells of the rule what its diagnostic does not, and opens its page',
    async () => {
      const editor = await openNotebook('churn.ipynb');
      const uri = cellUri(editor, 3);
      const [finding] = await findings(uri, UNSEEDED);
      const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
        'vscode.executeHoverProvider',
        uri,
        finding!.range.start
      );
      const contents = hovers.flatMap(({ contents }) => contents as vscode.MarkdownString[]);
      const text = contents.map(({ value }) => value).join('\n');
      assert.match(text, /How to pay it off/);
      assert.ok(!text.includes('so two runs differ'), text);
      const [ours] = contents.filter(({ value }) => value.includes('(command:paydown.explain?'));
      assert.deepEqual(ours?.isTrusted, { enabledCommands: ['paydown.explain'] });
    }
  ],
  [
    'what is typed into a cell is seen, and what is taken away is gone',
    async () => {
      const editor = await openNotebook(await copyOf('churn.ipynb'));
      const { document } = editor.notebook.cellAt(1);
      const end = document.lineAt(document.lineCount - 1).range.end;
      await replace(document.uri, new vscode.Range(end, end), '\nparts = train_test_split([1, 2, 3])');
      await findings(document.uri, UNSEEDED);
      await replace(document.uri, new vscode.Range(end, new vscode.Position(99, 0)), '');
      await findings(document.uri);
    }
  ],
  [
    'a cell that is deleted takes its findings along, and one that is moved keeps them',
    async () => {
      const editor = await openNotebook(await copyOf('churn.ipynb'));
      const source = 'from sklearn.model_selection import train_test_split\nparts = train_test_split([1, 2, 3])';
      const cell = new vscode.NotebookCellData(vscode.NotebookCellKind.Code, source, 'python');
      const last = editor.notebook.cellCount;
      await change(editor.notebook, vscode.NotebookEdit.insertCells(last, [cell]));
      const { uri } = editor.notebook.cellAt(last).document;
      await findings(uri, UNSEEDED);

      editor.selection = new vscode.NotebookRange(last, last + 1);
      await vscode.commands.executeCommand('notebook.cell.moveUp');
      await until(
        'the cell to be moved',
        [vscode.workspace.onDidChangeNotebookDocument],
        () => editor.notebook.cellAt(last - 1).document.uri.toString() === uri.toString()
      );
      await findings(uri, UNSEEDED);

      await change(editor.notebook, vscode.NotebookEdit.deleteCells(new vscode.NotebookRange(last - 1, last)));
      await findings(uri);
    }
  ],
  [
    'settings of the editor reach the server at once',
    async () => {
      const { document } = await openScript('churn.py');
      await findings(document.uri, UNSEEDED);
      await set('paydown.ignore', [UNSEEDED]);
      await findings(document.uri);
      await set('paydown.ignore', undefined);
      await findings(document.uri, UNSEEDED);
      await set('paydown.severity', { [UNSEEDED]: 'hint' });
      const isHint = (): boolean =>
        vscode.languages
          .getDiagnostics(document.uri)
          .some(({ severity }) => severity === vscode.DiagnosticSeverity.Hint);
      await until('the finding as a hint', [vscode.languages.onDidChangeDiagnostics], isHint);
      await set('paydown.severity', undefined);
      await until('the finding as a warning', [vscode.languages.onDidChangeDiagnostics], () => !isHint());
    }
  ],
  [
    'the page of a rule opens as a document',
    async () => {
      const page = await vscode.workspace.openTextDocument(vscode.Uri.parse(`paydown-rule:/${UNSEEDED}.md`));
      assert.match(page.getText(), /random/);
      await vscode.commands.executeCommand('paydown.explain', UNSEEDED);
      const tabs = (): boolean =>
        vscode.window.tabGroups.all.some(({ tabs }) => tabs.some(({ label }) => label.includes(UNSEEDED)));
      await until(
        'the rendered page',
        [vscode.window.tabGroups.onDidChangeTabs, vscode.window.tabGroups.onDidChangeTabGroups],
        tabs
      );
    }
  ],
  [
    'closing a notebook or a script takes their findings away',
    async () => {
      const script = (await openScript('churn.py')).document.uri;
      await findings(script, UNSEEDED);
      const cell = cellUri(await openNotebook('churn.ipynb'), 3);
      await findings(cell, UNSEEDED);
      await closeAll();
      await findings(cell);
      await findings(script);
    }
  ]
];

async function change(notebook: vscode.NotebookDocument, ...edits: vscode.NotebookEdit[]): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.set(notebook.uri, edits);
  assert.ok(await vscode.workspace.applyEdit(edit));
}
