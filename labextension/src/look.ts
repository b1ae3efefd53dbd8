import type { LabIcon } from '@jupyterlab/ui-components';
import { hintIcon, informationIcon, warningIcon } from './icons';
import { type IFinding, Severity } from './tokens';
import { pieces } from './words';

/** The class that gives a severity its colour. */
export function severityClass(severity: Severity): string {
  return severity >= Severity.Hint
    ? 'pd-mod-hint'
    : severity === Severity.Information
      ? 'pd-mod-information'
      : 'pd-mod-warning';
}

/** The icon of a severity: its shape tells it too, not only its colour. */
export function severityIcon(severity: Severity): LabIcon {
  return severity >= Severity.Hint ? hintIcon : severity === Severity.Information ? informationIcon : warningIcon;
}

/** What tells a finding from the others of its document. */
export const idOf = (finding: IFinding): string => `${finding.uri} ${finding.fingerprint}`;

/** Whether a fix-all would do something about a finding. */
export const isSafelyFixed = (finding: IFinding): boolean => finding.fixes.some(offer => offer.safe && !offer.command);

/** A message or a fix's title where there is no markup: without the backticks around code. */
export const plain = (text: string): string =>
  pieces(text)
    .map(piece => piece.text)
    .join('');
