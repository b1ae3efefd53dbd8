import type { ISharedText } from '@jupyter/ydoc';
import type { TextDocumentEdit, TextEdit, WorkspaceEdit } from 'vscode-languageserver-protocol';
import { difference, offsetAt } from './change';
import type { DebtModel, Text } from './model';

/** What has become of an edit that was asked for. */
export type Outcome = 'applied' | 'nothing' | 'outdated';

/** An edit that was made, or not. */
export interface IApplied {
  readonly outcome: Outcome;
  /** How many texts it changed. */
  readonly texts: number;
  /** Take all of it back, unless one of the texts was changed since; whether that was done. */
  revert(): boolean;
}

interface ITarget {
  readonly text: Text;
  readonly source: string;
  readonly edits: readonly TextEdit[];
}

const none = (outcome: Outcome): IApplied => ({ outcome, texts: 0, revert: () => false });

/** Whether an edit can be applied as things stand. */
export function isCurrent(edit: WorkspaceEdit | null, model: DebtModel): boolean {
  return Array.isArray(targetsOf(edit, model));
}

/**
 * Apply an edit of the server through the shared models: one undo step for each text, also where a cell is off screen.
 *
 * Nothing is touched unless every text is at the version that the edit was made for.
 */
export function applyEdit(edit: WorkspaceEdit | null, model: DebtModel): IApplied {
  const targets = targetsOf(edit, model);
  if (!Array.isArray(targets)) {
    return none(targets);
  }
  asOneStep(targets, ({ text, source, edits }) => replace(text.shared, source, edits));
  const results = targets.map(({ text }) => text.shared.getSource());
  return {
    outcome: 'applied',
    texts: targets.length,
    revert: () => {
      if (targets.some(({ text }, index) => text.shared.getSource() !== results[index])) {
        return false;
      }
      asOneStep(targets, ({ text, source }, index) => {
        const { start, end, text: before } = difference(results[index]!, source);
        text.shared.updateSource(start, end, before);
      });
      return true;
    }
  };
}

function targetsOf(edit: WorkspaceEdit | null, model: DebtModel): ITarget[] | 'nothing' | 'outdated' {
  const changes = changesOf(edit);
  if (!changes.length) {
    return 'nothing';
  }
  const targets: ITarget[] = [];
  for (const { textDocument, edits } of changes) {
    const text = model.called(textDocument.uri);
    const source = text?.shared.getSource();
    if (!text || source !== text.source || (textDocument.version !== null && textDocument.version !== text.version)) {
      return 'outdated';
    }
    targets.push({ text, source, edits });
  }
  return targets;
}

/** Change texts, keeping what the user typed a moment ago, or types next, out of the undo step. */
function asOneStep(targets: readonly ITarget[], change: (target: ITarget, index: number) => void): void {
  targets.forEach(({ text }) => stopCapturing(text.shared));
  targets.forEach(change);
  targets.forEach(({ text }) => stopCapturing(text.shared));
}

/** The edits of texts that are there; what goes into new files is none of them. */
function changesOf(
  edit: WorkspaceEdit | null
): { textDocument: { uri: string; version: number | null }; edits: TextEdit[] }[] {
  if (!edit) {
    return [];
  }
  const made = new Set(
    (edit.documentChanges ?? []).flatMap(one => ('kind' in one && one.kind === 'create' ? one.uri : []))
  );
  const versioned = (edit.documentChanges ?? []).filter(
    (one): one is TextDocumentEdit => 'textDocument' in one && !made.has(one.textDocument.uri)
  );
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
  shared.transact(() => {
    for (const { start, end, newText } of spans) {
      const { start: from, end: to, text } = difference(source.slice(start, end), newText);
      shared.updateSource(start + from, start + to, text);
    }
  });
}

function stopCapturing(shared: ISharedText): void {
  (shared as { undoManager?: { stopCapturing(): void } | null }).undoManager?.stopCapturing();
}
