import type { ISharedCell } from '@jupyter/ydoc';
import type { NotebookCell, TextDocumentItem } from 'vscode-languageserver-protocol';
import { contentChange } from '../change';
import type { Text } from '../model';

/** The protocol's kinds of cells. */
export const MARKUP = 1;
export const CODE = 2;

/** How the last run of a cell that was seen went, and its count. */
export interface IRun {
  readonly count: number | null;
  readonly success: boolean;
}

/** A cell, and what the server knows of it. */
export class Cell {
  constructor(
    readonly text: Text,
    public shared: ISharedCell
  ) {}

  isTextChanged = false;

  /** The cell as it is opened: its text and its language. */
  item(): TextDocumentItem {
    const { text, shared } = this;
    const languageId = text.kind === CODE ? 'python' : shared.cell_type === 'markdown' ? 'markdown' : 'raw';
    return { uri: text.uri, languageId, version: text.version, text: text.source };
  }

  /** How the text has changed since the server was told: one change, or none. */
  content(version: number): object[] {
    this.isTextChanged = false;
    const { text } = this;
    const source = this.shared.getSource();
    if (source === text.source) {
      return [];
    }
    const change = contentChange(text.source, source);
    text.source = source;
    text.version = version;
    return [{ document: { uri: text.uri, version }, changes: [change] }];
  }

  /** What the server is told besides the text: the count of the last run, how it went, the tags. */
  describe(run: IRun | undefined): NotebookCell {
    const { shared, text } = this;
    // JupyterLab empties the count when a run begins. Until the run has its number, the last one stands.
    const isRunning = (shared as { executionState?: string }).executionState === 'running';
    const last =
      this._told && isRunning ? (JSON.parse(this._told) as NotebookCell).executionSummary?.executionOrder : null;
    const count = countOf(shared) ?? last ?? null;
    const described: NotebookCell = {
      kind: text.kind,
      document: text.uri,
      metadata: { execution_count: count, tags: (shared.getMetadata('tags') ?? []) as string[] }
    };
    if (count !== null) {
      described.executionSummary = { executionOrder: count };
      if (run && run.count === count) {
        described.executionSummary.success = run.success;
      }
    }
    this._told = JSON.stringify(described);
    return described;
  }

  /** The same, if it is not what the server was told last. */
  news(run: IRun | undefined): NotebookCell[] {
    const before = this._told;
    const described = this.describe(run);
    return before === this._told ? [] : [described];
  }

  /** What the server was told besides the text, as JSON. */
  private _told = '';
}

export function kindOf(shared: ISharedCell): typeof MARKUP | typeof CODE {
  return shared.cell_type === 'code' ? CODE : MARKUP;
}

/** The count of the last run of a cell. */
export function countOf(shared: ISharedCell): number | null {
  return shared.cell_type === 'code' ? ((shared as { execution_count?: number | null }).execution_count ?? null) : null;
}
