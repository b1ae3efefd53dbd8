import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

/** The field for the reason. JupyterLab's own is too short to read a sentence in. */
class ReasonBody extends Widget implements Dialog.IBodyWidget<string> {
  constructor(name: string, trans: TranslationBundle) {
    super();
    this.addClass('pd-Reason');
    const label = document.createElement('label');
    label.textContent = trans.__('Why may %1 stay? The reason becomes a comment in the code.', name);
    this._input.type = 'text';
    this._input.required = true;
    this._input.className = 'jp-mod-styled';
    this._input.placeholder = trans.__('a demo; the data is public; agreed until March');
    label.append(this._input);
    this.node.append(label);
  }

  getValue(): string {
    return this._input.value.replace(/\s+/g, ' ').trim();
  }

  private readonly _input = document.createElement('input');
}

/** Ask why a debt is accepted; empty when it isn't. */
export async function askReason(name: string, trans: TranslationBundle): Promise<string> {
  const { button, value } = await showDialog({
    title: trans.__('Accept this debt'),
    body: new ReasonBody(name, trans),
    focusNodeSelector: 'input',
    buttons: [Dialog.cancelButton(), Dialog.okButton({ label: trans.__('Accept') })]
  });
  return (button.accept && value) || '';
}
