import { EditorView } from '@codemirror/view';
import type { Cell } from '@jupyterlab/cells';
import type { CodeEditor } from '@jupyterlab/codeeditor';
import { type Notebook, NotebookActions, NotebookPanel } from '@jupyterlab/notebook';
import type { Widget } from '@lumino/widgets';
import type { Position, Range } from 'vscode-languageserver-protocol';

/** An editor of a document, and which of its texts it shows. */
export interface IEditorPlace {
  readonly view: EditorView;
  readonly text: number;
}

/** Select a range of the `text`-th text of a document, wherever it is: in a folded section, in a cell off screen. */
export async function select(widget: Widget, text: number, range: Range): Promise<EditorView | null> {
  const editor = widget instanceof NotebookPanel ? await openCell(widget.content, text) : editorOf(widget);
  const view = editor && viewOf(editor);
  if (!view) {
    return null;
  }
  const anchor = offset(view, range.start);
  const head = offset(view, range.end);
  editor.focus();
  view.dispatch({
    // The cursor stands at the beginning, where next and previous count from.
    selection: { anchor: head, head: anchor },
    effects: EditorView.scrollIntoView(anchor, { y: 'center' })
  });
  return view;
}

/** The editor that the cursor is in, with the number of its text. */
export function editorInFront(widget: Widget): IEditorPlace | null {
  if (!(widget instanceof NotebookPanel)) {
    const editor = editorOf(widget);
    const view = editor && viewOf(editor);
    return view ? { view, text: 0 } : null;
  }
  const { activeCell, activeCellIndex } = widget.content;
  const view = activeCell?.editor && viewOf(activeCell.editor);
  return view ? { view, text: activeCellIndex } : null;
}

/** Where the cursor is: the number of the text, line and character. Between cells it's before the active one's text. */
export function cursor(widget: Widget): { text: number; position: Position } {
  const place = editorInFront(widget);
  const isInside = place && (!(widget instanceof NotebookPanel) || widget.content.mode === 'edit');
  if (!isInside) {
    const text = widget instanceof NotebookPanel ? widget.content.activeCellIndex : 0;
    return { text, position: { line: -1, character: 0 } };
  }
  const { state } = place.view;
  const line = state.doc.lineAt(state.selection.main.head);
  return {
    text: place.text,
    position: { line: line.number - 1, character: state.selection.main.head - line.from }
  };
}

async function openCell(notebook: Notebook, index: number): Promise<CodeEditor.IEditor | null> {
  const cell: Cell | undefined = notebook.widgets[index];
  if (!cell) {
    return null;
  }
  notebook.deselectAll();
  notebook.activeCellIndex = index;
  if (cell.isHidden) {
    NotebookActions.expandParent(cell, notebook);
  }
  cell.inputHidden = false;
  if (!cell.inViewport) {
    // Scrolling gives up when the cell is disposed meanwhile.
    await notebook.scrollToItem(index, 'center').catch(() => undefined);
  }
  await cell.ready;
  if (cell.isDisposed) {
    return null;
  }
  notebook.mode = 'edit';
  return cell.editor;
}

/** The editor of a file editor, which is asked for by its shape: the package of file editors may not be there. */
function editorOf(widget: Widget): CodeEditor.IEditor | null {
  return (widget as { content?: { editor?: CodeEditor.IEditor } }).content?.editor ?? null;
}

function viewOf(editor: CodeEditor.IEditor): EditorView | null {
  return (editor as { editor?: EditorView }).editor ?? null;
}

function offset(view: EditorView, { line, character }: Position): number {
  const { doc } = view.state;
  if (line >= doc.lines) {
    return doc.length;
  }
  const { from, to } = doc.line(line + 1);
  return Math.min(from + character, to);
}
