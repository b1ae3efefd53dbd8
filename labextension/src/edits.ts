import type { ISharedText } from '@jupyter/ydoc';
import type { TextDocumentEdit, TextEdit, WorkspaceEdit } from 'vscode-languageserver-protocol';
import { difference, offsetAt } from './change';
import type { DebtModel, Text } from './model';

/** What has become of an edit that was asked for. */
export type Outcome = 'applied' | 'nothing' | 'outdated';

/**
 * Apply an edit of the server through the shared models: one undo step for each text, also where a cell is off screen.
 *
 * Nothing is touched unless every text is at the version that the edit was made for.
 */
export function applyEdit(edit: WorkspaceEdit | null, model: DebtModel): Outcome {
  const changes = changesOf(edit);
  if (!changes.length) {
    return 'nothing';
  }
  const targets: { text: Text; source: string; edits: TextEdit[] }[] = [];
  for (const { textDocument, edits } of changes) {
    const text = model.called(textDocument.uri);
    const source = text?.shared.getSource();
    if (!text || source !== text.source || (textDocument.version !== null && textDocument.version !== text.version)) {
      return 'outdated';
    }
    targets.push({ text, source, edits });
  }
  targets.forEach(({ text, source, edits }) => replace(text.shared, source, edits));
  return 'applied';
}

function changesOf(
  edit: WorkspaceEdit | null
): { textDocument: { uri: string; version: number | null }; edits: TextEdit[] }[] {
  if (!edit) {
    return [];
  }
  const versioned = (edit.documentChanges ?? []).filter((one): one is TextDocumentEdit => 'textDocument' in one);
  const plain = Object.entries(edit.changes ?? {}).map(([uri, edits]) => ({
    textDocument: { uri, version: null },
    edits
  }));
  return [...versioned, ...plain].filter(({ edits }) => edits.length) as ReturnType<typeof changesOf>;
}

/** Make the edits, which refer to `source` and don't overlap, touching as little as they can: cursors stay. */
function replace(shared: ISharedText, source: string, edits: readonly TextEdit[]): void {
  const spans = edits
    .map(({ range, newText }) => ({
      start: offsetAt(source, range.start),
      end: offsetAt(source, range.end),
      newText
    }))
    .sort((a, b) => b.start - a.start || b.end - a.end);
  stopCapturing(shared);
  shared.transact(() => {
    for (const { start, end, newText } of spans) {
      const { start: from, end: to, text } = difference(source.slice(start, end), newText);
      shared.updateSource(start + from, start + to, text);
    }
  });
  stopCapturing(shared);
}

/** Keep what the user typed a moment ago, or types next, out of the undo step. */
function stopCapturing(shared: ISharedText): void {
  (shared as { undoManager?: { stopCapturing(): void } | null }).undoManager?.stopCapturing();
}
