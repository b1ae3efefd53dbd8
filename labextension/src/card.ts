import type { TranslationBundle } from '@jupyterlab/translation';
import { plain } from './look';
import type { IActions, IFinding } from './tokens';
import { duration, pieces, severityName } from './words';

/**
 * What a tooltip says of a finding, and what can be done about it.
 *
 * Messages hold names and values of the notebook: they become text nodes, never HTML.
 */
export function card(finding: IFinding, actions: IActions, trans: TranslationBundle, dismiss: () => void): HTMLElement {
  const about = [finding.name, finding.code, duration(finding.principal, trans)].join(' · ');
  const node = element('div', 'pd-Card');
  node.setAttribute('role', 'group');
  node.setAttribute('aria-label', `${severityName(finding.severity, trans)}: ${finding.message}`);
  node.append(
    element('div', 'pd-Card-message', ...formatted(finding.message)),
    element('div', 'pd-Card-about', about),
    ...related(finding, actions, dismiss),
    buttons(finding, actions, trans, dismiss)
  );
  return node;
}

function buttons(finding: IFinding, actions: IActions, trans: TranslationBundle, dismiss: () => void): HTMLElement {
  const row = element('div', 'pd-Card-actions');
  const add = (label: string, act: () => Promise<void>, isFix: boolean): void => {
    const button = element('button', isFix ? 'pd-Button pd-mod-fix' : 'pd-Button', label);
    button.type = 'button';
    button.addEventListener('click', () => {
      dismiss();
      void act();
    });
    row.append(button);
  };
  for (const offer of finding.fixes) {
    add(plain(offer.title), () => actions.fix(finding, offer), true);
  }
  add(trans.__('Accept…'), () => actions.accept(finding), false);
  add(trans.__('Explain'), () => actions.explain(finding.name), false);
  return row;
}

function related(finding: IFinding, actions: IActions, dismiss: () => void): HTMLElement[] {
  if (!finding.related.length) {
    return [];
  }
  const items = finding.related.slice(0, 5).map(({ uri, range, message }) => {
    const link = element('button', 'pd-Link', ...formatted(message));
    link.type = 'button';
    link.addEventListener('click', () => {
      dismiss();
      void actions.reveal(uri, range);
    });
    return element('li', '', link);
  });
  return [element('ul', 'pd-Card-related', ...items)];
}

function formatted(message: string): Node[] {
  return pieces(message).map(({ text, isCode }) =>
    isCode ? element('code', '', text) : document.createTextNode(text)
  );
}

function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  ...content: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  node.className = className;
  node.append(...content);
  return node;
}
