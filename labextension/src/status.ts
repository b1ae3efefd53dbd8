import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import { paydownIcon } from './icons';
import type { DebtModel } from './model';
import { duration } from './words';

/** The debt of the document in front, in the status bar. */
export class StatusItem extends Widget {
  constructor(
    private readonly _model: DebtModel,
    private readonly _trans: TranslationBundle,
    open: () => void
  ) {
    super();
    this.addClass('pd-StatusItem');
    this._button.type = 'button';
    this._button.addEventListener('click', open);
    paydownIcon.element({ container: this._icon, height: '14px', width: '14px' });
    this._button.append(this._icon, this._label);
    this.node.append(this._button);
    _model.changed.connect(this._refresh, this);
    this.update();
  }

  override dispose(): void {
    cancelAnimationFrame(this._frame);
    super.dispose();
  }

  /** Whether there is a document to speak of. */
  get isShown(): boolean {
    const { current, connection } = this._model;
    return current !== null && !current.foreign && current.analysed && connection.kind === 'ready';
  }

  protected override onUpdateRequest(): void {
    if (!this.isShown) {
      return;
    }
    const { findings } = this._model;
    const minutes = findings.reduce((sum, one) => sum + one.principal, 0);
    this._label.textContent = duration(minutes, this._trans);
    const title = this._trans._n('Technical debt: %1 finding', 'Technical debt: %1 findings', findings.length);
    this._button.title = title;
    this._button.setAttribute('aria-label', `${title}, ${this._label.textContent}`);
  }

  private _refresh(): void {
    cancelAnimationFrame(this._frame);
    this._frame = requestAnimationFrame(() => this.update());
  }

  private readonly _button = document.createElement('button');
  private readonly _icon = document.createElement('span');
  private readonly _label = document.createElement('span');
  private _frame = 0;
}
