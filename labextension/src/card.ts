import type { TranslationBundle } from '@jupyterlab/translation';
import { isSafelyFixed, plain, severityClass, severityIcon } from './look';
import type { IActions, IFinding } from './tokens';
import { duration, pieces, severityName } from './words';

/**
 * What a tooltip says of a finding, and what can be done about it.
 *
 * Messages hold names and values of the notebook: they become text nodes, never HTML.
 */
export function card(finding: IFinding, actions: IActions, trans: TranslationBundle, dismiss: () => void): HTMLElement {
  const act = (label: string, className: string, run: () => Promise<void>, ...content: Node[]): HTMLElement => {
    const button = element('button', className, ...(content.length ? content : [label]));
    button.type = 'button';
    button.addEventListener('click', () => {
      dismiss();
      void run();
    });
    return button;
  };
  const text = element('div', 'pd-Card-text', element('div', 'pd-Card-message', ...formatted(finding.message)));

  const places = finding.related.slice(0, 5).map(({ uri, range, message }) =>
    element(
      'li',
      '',
      act(message, 'pd-Link', () => actions.reveal(uri, range), ...formatted(message))
    )
  );
  if (places.length) {
    text.append(element('ul', 'pd-Card-related', ...places));
  }

  const fixes = finding.fixes.map(offer =>
    act(plain(offer.title), 'pd-Button pd-mod-fix', () => actions.fix(finding, offer))
  );
  const alike = isSafelyFixed(finding) ? actions.alike(finding) : 0;
  if (alike > 1) {
    fixes.push(act(trans.__('Fix all %1 of this kind', alike), 'pd-Button', () => actions.fixAlike(finding)));
  }
  if (fixes.length) {
    text.append(element('div', 'pd-Card-actions', ...fixes));
  }

  const about = [finding.name, finding.code, duration(finding.principal, trans)].join(' · ');
  text.append(
    element(
      'div',
      'pd-Card-line',
      element('span', 'pd-Card-about', about),
      act(trans.__('Accept…'), 'pd-Link', () => actions.accept(finding)),
      act(trans.__('Explain'), 'pd-Link', () => actions.explain(finding.name))
    )
  );

  const icon = severityIcon(finding.severity).element({ tag: 'span', className: 'pd-Icon pd-Card-icon' });
  icon.setAttribute('aria-hidden', 'true');
  const node = element('div', `pd-Card ${severityClass(finding.severity)}`, icon, text);
  node.setAttribute('role', 'group');
  node.setAttribute('aria-label', `${severityName(finding.severity, trans)}: ${plain(finding.message)}`);
  return node;
}

function formatted(message: string): Node[] {
  return pieces(message).map(({ text, tag }) =>
    tag === 'span' ? document.createTextNode(text) : element(tag, '', text)
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
