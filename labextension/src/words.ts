import type { TranslationBundle } from '@jupyterlab/translation';
import { Severity } from './tokens';

/** Minutes as people say them: 5 min, 1 h, 1 h 25 min. */
export function duration(minutes: number, trans: TranslationBundle): string {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (!hours) {
    return trans.__('%1 min', rest);
  }
  return rest ? trans.__('%1 h %2 min', hours, rest) : trans.__('%1 h', hours);
}

/** Where a finding stands; lines are counted from one. */
export function placeOf(cell: number | null, line: number, trans: TranslationBundle): string {
  return cell === null ? trans.__('line %1', line + 1) : trans.__('cell %1, line %2', cell, line + 1);
}

export function severityName(severity: Severity, trans: TranslationBundle): string {
  switch (severity) {
    case Severity.Hint:
      return trans.__('Hint');
    case Severity.Information:
      return trans.__('Information');
    default:
      return trans.__('Warning');
  }
}

/** A stretch of a message, and the element that it is. */
export interface IPiece {
  readonly text: string;
  readonly tag: 'span' | 'code';
}

/** The pieces of a message: between backticks is code. A lone mark is itself. */
export function pieces(message: string): IPiece[] {
  const parts = message.split('`');
  if (parts.length % 2 === 0) {
    return [{ text: message, tag: 'span' }];
  }
  return parts
    .map((text, index): IPiece => ({ text, tag: index % 2 === 1 ? 'code' : 'span' }))
    .filter(({ text }) => text);
}
