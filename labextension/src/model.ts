import type { ISharedText } from '@jupyter/ydoc';
import { DisposableDelegate, type IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { Diagnostic, PublishDiagnosticsParams, Range } from 'vscode-languageserver-protocol';
import { type Connection, type IDebt, type IFinding, type IProblem, type IRelated, Severity } from './tokens';

const NOTHING: readonly never[] = Object.freeze([]);

/** Milliseconds without a key until a word that was typed is taken for whole. */
const HUSH = 700;

/** What a diagnostic of the server carries besides the protocol's own. */
interface IData {
  name: string;
  section: string;
  sectionTitle: string;
  principal: number;
  fingerprint: string;
  fixes: IFinding['fixes'];
  related?: IRelated[];
}

/** A text that the server holds open: a cell, or a script. */
export class Text {
  findings: readonly IFinding[] = NOTHING;
  problems: readonly IProblem[] = NOTHING;
  /** The findings stem from an earlier connection. */
  isStale = false;

  /**
   * @param uri - What the server calls it.
   * @param kind - The protocol's kind of a cell: 1 for markup, 2 for code.
   * @param shared - The model that editors share.
   * @param source - The text as the server knows it, at `version`.
   */
  constructor(
    readonly uri: string,
    readonly kind: 1 | 2,
    public shared: ISharedText,
    public source: string,
    public version: number
  ) {}

  /** Take over diagnostics. A finding that says the same as before stays the same object. */
  publish(diagnostics: readonly Diagnostic[]): void {
    const before = this._findings;
    this._findings = new Map();
    this.isStale = false;
    const problems: IProblem[] = [];
    for (const diagnostic of diagnostics) {
      const data = diagnostic.data as IData | undefined;
      if (!data?.fingerprint) {
        problems.push({ uri: this.uri, range: diagnostic.range, message: messageOf(diagnostic) });
        continue;
      }
      const said = JSON.stringify(diagnostic);
      this._findings.set(said, before.get(said) ?? toFinding(this.uri, diagnostic, data));
    }
    this.findings = [...this._findings.values()].sort(byPlace);
    this.problems = problems;
  }

  /** Take over what another text of the same name had, until the server speaks. */
  inherit(before: Text): void {
    this._findings = before._findings;
    this.findings = before.findings;
    this.problems = before.problems;
    this.isStale = true;
  }

  clear(): void {
    this._findings = new Map();
    this.isStale = false;
    this.findings = this.problems = NOTHING;
  }

  private _findings = new Map<string, IFinding>();
}

function toFinding(uri: string, diagnostic: Diagnostic, data: IData): IFinding {
  return {
    uri,
    range: diagnostic.range,
    severity: diagnostic.severity ?? Severity.Warning,
    code: String(diagnostic.code ?? ''),
    name: data.name,
    message: messageOf(diagnostic),
    principal: data.principal,
    section: data.section,
    sectionTitle: data.sectionTitle,
    fingerprint: data.fingerprint,
    fixes: data.fixes ?? NOTHING,
    related: data.related ?? NOTHING,
    unnecessary: diagnostic.tags?.includes(1) ?? false
  };
}

function messageOf({ message }: Diagnostic): string {
  return typeof message === 'string' ? message : message.value;
}

function byPlace(one: IFinding, other: IFinding): number {
  const [a, b] = [one.range.start, other.range.start];
  return a.line - b.line || a.character - b.character;
}

/** Whether a range is that of a word, or of what the word was some letters ago. */
function isPartOf({ start, end }: Range, word: Range): boolean {
  return (
    start.line === word.start.line &&
    start.character === word.start.character &&
    end.line === word.end.line &&
    end.character <= word.end.character
  );
}

/** A notebook or a script that is open. */
export interface IOpenDocument {
  readonly kind: 'notebook' | 'script';
  /** What the user calls it. */
  readonly name: string;
  readonly uri: string;
  /** Its language, when that is not Python: then the server doesn't see it. */
  readonly foreign: string;
  /** Whether the server has looked at it since it was opened. */
  readonly analysed: boolean;
  /** Too long for the connection. */
  readonly tooLong: boolean;
  /** Its texts, in their order. */
  readonly texts: readonly Text[];
  /** What a person calls the place of a text: the number of its cell from one, and the count of its last run. */
  place(uri: string): { cell: number; count: number | null } | null;
  /** Tell the server at once what it doesn't know yet. */
  flush(): void;
}

/**
 * The findings of all open documents, by text.
 *
 * An editor asks by the model that it shares with others, so that an editor made late, or made anew for a cell that has
 * moved, shows what is known, and one whose cell is gone shows nothing.
 */
export class DebtModel implements IDebt, IDisposable {
  /** Emitted when anything that the panel shows may have changed. */
  get changed(): Signal<this, void> {
    return this._changed;
  }

  /** The findings of the document in front, in the order of the document. */
  get findings(): readonly IFinding[] {
    return this.current ? this.findingsOf(this.current) : NOTHING;
  }

  /** The document in front. */
  get current(): IOpenDocument | null {
    return this._current;
  }
  set current(document: IOpenDocument | null) {
    if (document !== this._current) {
      this._current = document;
      this._changed.emit();
    }
  }

  /** The least severity that is shown. */
  get threshold(): Severity {
    return this._threshold;
  }
  set threshold(threshold: Severity) {
    if (threshold !== this._threshold) {
      this._threshold = threshold;
      this.touchAll();
    }
  }

  get connection(): Connection {
    return this._connection;
  }
  set connection(connection: Connection) {
    this._connection = connection;
    this._changed.emit();
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    clearTimeout(this._hushTimer);
    Signal.clearData(this);
  }

  /** The findings of a document, in its order, from the threshold up. */
  findingsOf(document: IOpenDocument): readonly IFinding[] {
    return document.texts.flatMap(text => this.shown(text.findings));
  }

  shown(findings: readonly IFinding[]): readonly IFinding[] {
    const { uri, range } = this._hushed ?? {};
    const loud =
      uri !== undefined && findings[0]?.uri === uri ? findings.filter(one => !isPartOf(one.range, range!)) : findings;
    return this._threshold >= Severity.Hint ? loud : loud.filter(one => one.severity <= this._threshold);
  }

  /**
   * A word is being typed there: what is found about the half of it is not worth a squiggle that goes with the next key.
   *
   * It shows when the typing pauses.
   */
  hush(uri: string, range: Range): void {
    clearTimeout(this._hushTimer);
    this._hushed = { uri, range };
    this._hushTimer = window.setTimeout(() => {
      this._hushed = null;
      const text = this._byUri.get(uri);
      if (text?.findings.some(one => isPartOf(one.range, range))) {
        this.touch(text);
      }
    }, HUSH);
  }

  /** The text behind a shared model, when the server knows it. */
  behind(shared: ISharedText): Text | undefined {
    return this._byShared.get(shared);
  }

  /** The text that the server calls so. */
  called(uri: string): Text | undefined {
    return this._byUri.get(uri);
  }

  /** Call `listener` whenever the findings of a shared model change. */
  watch(shared: ISharedText, listener: () => void): IDisposable {
    const listeners = this._listeners.get(shared) ?? new Set();
    this._listeners.set(shared, listeners.add(listener));
    return new DisposableDelegate(() => listeners.delete(listener));
  }

  /** The text is open, behind that shared model from now on. */
  attach(text: Text, shared: ISharedText): void {
    if (text.shared !== shared) {
      this._byShared.delete(text.shared);
      text.shared = shared;
    }
    this._byUri.set(text.uri, text);
    this._byShared.set(shared, text);
    this.touch(text);
  }

  /** The text is closed. */
  detach(text: Text): void {
    text.clear();
    if (this._byUri.get(text.uri) === text) {
      this._byUri.delete(text.uri);
    }
    if (this._byShared.get(text.shared) === text) {
      this._byShared.delete(text.shared);
    }
    this.touch(text);
  }

  /** Take over what the server says of a text, unless it speaks of an older version: the word on this one is coming. */
  publish(params: PublishDiagnosticsParams): void {
    const text = this._byUri.get(params.uri);
    if (!text || ((params.version ?? null) !== null && params.version !== text.version)) {
      return;
    }
    text.publish(params.diagnostics);
    this.touch(text);
  }

  /** A text's findings have changed. */
  touch(text: Text): void {
    this._listeners.get(text.shared)?.forEach(listener => listener());
    this._changed.emit();
  }

  touchAll(): void {
    for (const text of this._byUri.values()) {
      this._listeners.get(text.shared)?.forEach(listener => listener());
    }
    this._changed.emit();
  }

  private _current: IOpenDocument | null = null;
  private _threshold = Severity.Hint;
  private _connection: Connection = { kind: 'connecting' };
  private _byUri = new Map<string, Text>();
  private _byShared = new WeakMap<ISharedText, Text>();
  private _listeners = new WeakMap<ISharedText, Set<() => void>>();
  private _changed = new Signal<this, void>(this);
  private _hushed: { readonly uri: string; readonly range: Range } | null = null;
  private _hushTimer = 0;
  private _isDisposed = false;
}
