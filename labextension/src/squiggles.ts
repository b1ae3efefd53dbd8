import {
  type EditorState,
  type Extension,
  type Range,
  StateEffect,
  StateField,
  type Text as Doc
} from '@codemirror/state';
import {
  closeHoverTooltips,
  Decoration,
  type DecorationSet,
  EditorView,
  hoverTooltip,
  showTooltip,
  type Tooltip,
  ViewPlugin
} from '@codemirror/view';
import type { ISharedText } from '@jupyter/ydoc';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Position, Range as LspRange } from 'vscode-languageserver-protocol';
import { card } from './card';
import type { DebtModel } from './model';
import { type IActions, type IFinding, Severity } from './tokens';

/** The squiggles of an editor, made anew. */
const draw = StateEffect.define<DecorationSet>();
/** Show the findings at a position as if the mouse were there; nothing hides them. */
const show = StateEffect.define<Tooltip | null>();

const CLASS: Record<Severity, string> = {
  [Severity.Error]: 'pd-mod-warning',
  [Severity.Warning]: 'pd-mod-warning',
  [Severity.Information]: 'pd-mod-information',
  [Severity.Hint]: 'pd-mod-hint'
};

/** The squiggles of an editor. */
const squiggles = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (current, transaction) => {
    for (const effect of transaction.effects) {
      if (effect.is(draw)) {
        return effect.value;
      }
    }
    return current.map(transaction.changes);
  },
  provide: field => EditorView.decorations.from(field)
});

/** What `show` has shown, until the text or the cursor changes. */
const pinned = StateField.define<Tooltip | null>({
  create: () => null,
  update: (current, transaction) => {
    for (const effect of transaction.effects) {
      if (effect.is(show)) {
        return effect.value;
      }
    }
    return transaction.docChanged || transaction.selection ? null : current;
  },
  provide: field => showTooltip.from(field)
});

/** Lines to look at for a moment. */
const flash = StateEffect.define<DecorationSet>();

const flashed = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (current, transaction) => {
    for (const effect of transaction.effects) {
      if (effect.is(flash)) {
        return effect.value;
      }
    }
    return current.map(transaction.changes);
  },
  provide: field => EditorView.decorations.from(field)
});

/** What CodeMirror calls the keys that make a word or take from it. */
const TYPING = ['input.type', 'delete'];

/** Milliseconds that a flash takes; the style sheet says the same. */
const FLASH = 1200;

/** Escape hides what is pinned, before it leaves the editor. */
const escape = EditorView.domEventHandlers({
  keydown: (event, view) => {
    if (event.key !== 'Escape' || !view.state.field(pinned)) {
      return false;
    }
    view.dispatch({ effects: show.of(null) });
    event.stopPropagation();
    return true;
  }
});

/** Shows the findings of whatever text the editors of JupyterLab hold. */
export class Squiggles {
  constructor(
    private readonly _model: DebtModel,
    private readonly _actions: IActions,
    private readonly _trans: TranslationBundle
  ) {}

  /** The extension of an editor on `shared`. */
  extension(shared: ISharedText): Extension {
    const model = this._model;
    const drawn = (doc: Doc): DecorationSet | null => {
      const text = model.behind(shared);
      if (!text) {
        return Decoration.none;
      }
      // Editors see changes before the server does: what it said of another text isn't drawn, its next word will be.
      return isSame(text.source, doc) ? mark(model.shown(text.findings), doc) : null;
    };
    const follow = ViewPlugin.define(view => {
      const watcher = model.watch(shared, () => {
        const fresh = drawn(view.state.doc);
        if (fresh && (fresh.size || view.state.field(squiggles).size)) {
          view.dispatch({ effects: [draw.of(fresh), show.of(null)] });
        }
      });
      return {
        update: update => {
          const text = update.docChanged && update.transactions.some(one => TYPING.some(kind => one.isUserEvent(kind)));
          const range = text && wordBefore(update.state);
          const uri = model.behind(shared)?.uri;
          if (range && uri !== undefined) {
            model.hush(uri, range);
          }
        },
        destroy: () => watcher.dispose()
      };
    });
    return [
      squiggles.init(state => drawn(state.doc) ?? Decoration.none),
      pinned,
      flashed,
      follow,
      hoverTooltip((view, position) => (view.state.field(pinned) ? null : this._tooltip(view, position)), {
        hideOnChange: true
      }),
      escape,
      EditorView.domEventHandlers({
        focus: (_, view) => {
          this._unpinOthers(view);
          return false;
        }
      })
    ];
  }

  /** The findings at a position of an editor, the narrowest first. */
  at(view: EditorView, position: number): readonly IFinding[] {
    const marks = view.state.field(squiggles, false);
    return marks ? touching(marks, position).map(({ finding }) => finding) : [];
  }

  /** Show the findings at a position, with the focus on their first button when asked to. */
  show(view: EditorView, position: number, focus: boolean): void {
    const tooltip = this._tooltip(view, position, focus);
    this._unpinOthers(view);
    if (tooltip) {
      this._pinnedIn = view;
      view.dispatch({ effects: [show.of(tooltip), closeHoverTooltips] });
    }
  }

  /** Draw the eye to the lines of the selection. */
  flash(view: EditorView): void {
    const { doc, selection } = view.state;
    const { from, to } = selection.main;
    const lines: Range<Decoration>[] = [];
    for (let line = doc.lineAt(from); ; line = doc.line(line.number + 1)) {
      lines.push(Decoration.line({ class: 'pd-Flash' }).range(line.from));
      if (line.to >= to) {
        break;
      }
    }
    view.dispatch({ effects: flash.of(Decoration.set(lines)) });
    setTimeout(() => view.dispatch({ effects: flash.of(Decoration.none) }), FLASH);
  }

  /** What was shown in another editor is out of the way once the user works in this one. */
  private _unpinOthers(view: EditorView): void {
    if (this._pinnedIn && this._pinnedIn !== view) {
      this._pinnedIn.dispatch({ effects: show.of(null) });
      this._pinnedIn = null;
    }
  }

  private _tooltip(view: EditorView, position: number, focus = false): Tooltip | null {
    const marks = view.state.field(squiggles, false);
    const found = marks ? touching(marks, position) : [];
    if (!found.length) {
      return null;
    }
    const dismiss = (): void => {
      view.dispatch({ effects: [show.of(null), closeHoverTooltips] });
      view.focus();
    };
    return {
      pos: Math.min(...found.map(({ from }) => from)),
      end: Math.max(...found.map(({ to }) => to)),
      above: true,
      create: () => {
        const dom = document.createElement('div');
        dom.className = 'pd-Tooltip';
        dom.append(...found.map(({ finding }) => card(finding, this._actions, this._trans, dismiss)));
        dom.addEventListener('keydown', event => {
          event.stopPropagation(); // the notebook would take the key for a command
          if (event.key === 'Escape') {
            dismiss();
          }
        });
        return { dom, mount: () => focus && requestAnimationFrame(() => firstButton(dom)?.focus()) };
      }
    };
  }

  private _pinnedIn: EditorView | null = null;
}

/** The button that the focus goes to: a fix, if there is one. */
function firstButton(tooltip: HTMLElement): HTMLButtonElement | null {
  return tooltip.querySelector<HTMLButtonElement>('.pd-mod-fix') ?? tooltip.querySelector('button');
}

/** Where the word is that the cursor stands behind. */
function wordBefore({ doc, selection }: EditorState): LspRange | null {
  const { head } = selection.main;
  const line = doc.lineAt(head);
  const word = /[\p{L}\p{N}_]+$/u.exec(line.text.slice(0, head - line.from));
  const end = { line: line.number - 1, character: head - line.from };
  return word && { start: { line: end.line, character: word.index }, end };
}

/** Editors count every line end as one character. */
function isSame(source: string, doc: Doc): boolean {
  const plain = source.includes('\r') ? source.replace(/\r\n?/g, '\n') : source;
  return plain.length === doc.length && plain === doc.toString();
}

function offset(doc: Doc, { line, character }: Position): number {
  if (line >= doc.lines) {
    return doc.length;
  }
  const { from, to } = doc.line(line + 1);
  return Math.min(from + character, to);
}

/** The squiggles of findings. What has no width gets that of a character, so that it can be seen and pointed at. */
function mark(findings: readonly IFinding[], doc: Doc): DecorationSet {
  const marks: Range<Decoration>[] = [];
  for (const finding of findings) {
    let from = offset(doc, finding.range.start);
    let to = offset(doc, finding.range.end);
    if (from === to && to < doc.length) {
      to++;
    } else if (from === to && from > 0) {
      from--;
    }
    if (from < to) {
      const faded = finding.unnecessary ? ' pd-mod-unnecessary' : '';
      marks.push(Decoration.mark({ class: `pd-Squiggle ${CLASS[finding.severity]}${faded}`, finding }).range(from, to));
    }
  }
  return Decoration.set(marks, true);
}

function touching(marks: DecorationSet, position: number): { from: number; to: number; finding: IFinding }[] {
  const found: { from: number; to: number; finding: IFinding }[] = [];
  marks.between(position, position, (from, to, { spec }) => {
    found.push({ from, to, finding: (spec as { finding: IFinding }).finding });
  });
  return found.sort((a, b) => a.to - a.from - (b.to - b.from));
}
