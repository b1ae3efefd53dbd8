import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import React from 'react';
import { paydownIcon } from './icons';
import type { DebtModel } from './model';
import { RulePage } from './page';
import type { IActions, IRulePage } from './tokens';
import { DebtView, type IPanelActions } from './view';

/** Milliseconds between two renderings: what changes at every key is shown ten times a second. */
const PAUSE = 100;

/** The Debt panel of the right sidebar: the findings of the document in front, or the page of a rule. */
export class DebtPanel extends ReactWidget {
  constructor(
    private readonly _model: DebtModel,
    private readonly _actions: IActions & IPanelActions,
    private readonly _trans: TranslationBundle,
    private readonly _rendermime: IRenderMimeRegistry | null
  ) {
    super();
    this.id = 'paydown-panel';
    this.addClass('pd-Panel');
    this.title.icon = paydownIcon;
    this.title.caption = this._trans.__('Debt');
    this.node.setAttribute('role', 'region');
    this.node.setAttribute('aria-label', this._trans.__('Technical debt'));
    _model.changed.connect(this._refresh, this);
  }

  /** Show the page of a rule. */
  showPage(page: IRulePage): void {
    this._page = page;
    this.update();
  }

  override dispose(): void {
    clearTimeout(this._timer);
    super.dispose();
  }

  protected override render(): React.ReactElement {
    const page = this._page;
    const back = (): void => {
      this._page = null;
      this.update();
    };
    // The findings stay behind a page: their filter, what is folded and how far they are scrolled.
    return (
      <>
        <div className={page ? 'pd-Front pd-mod-behind' : 'pd-Front'}>
          <DebtView model={this._model} actions={this._actions} trans={this._trans} focus={this._focusToken} />
        </div>
        {page && (
          <RulePage
            page={page}
            rendermime={this._rendermime}
            trans={this._trans}
            onBack={back}
            focus={this._focusToken}
          />
        )}
      </>
    );
  }

  protected override onAfterShow(message: Message): void {
    super.onAfterShow(message);
    this.update();
  }

  protected override onActivateRequest(message: Message): void {
    super.onActivateRequest(message);
    this._focusToken++;
    this.update();
  }

  protected override onUpdateRequest(message: Message): void {
    if (this.isVisible) {
      super.onUpdateRequest(message);
    }
  }

  /** Render soon, when there is anyone to see it. */
  private _refresh(): void {
    if (this._timer || !this.isVisible) {
      return;
    }
    this._timer = window.setTimeout(() => {
      this._timer = 0;
      this.update();
    }, PAUSE);
  }

  private _page: IRulePage | null = null;
  private _timer = 0;
  /** Grows with each request for the focus. */
  private _focusToken = 0;
}
