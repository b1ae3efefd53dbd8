/** The findings under the cursor. */

import * as vscode from 'vscode';
import type { QuietClient } from './client';

/** A finding, as far as the commands look. */
export interface Finding {
  readonly uri: string;
  readonly name: string;
  readonly message: string;
  readonly fingerprint: string;
  readonly range: vscode.Range;
}

/** The findings at the cursor or, if there are none, on its line. */
export function findingsAtCursor(client: QuietClient, editor: vscode.TextEditor): Finding[] {
  const { document, selection } = editor;
  const all = (client.diagnostics?.get(document.uri) ?? []).flatMap(diagnostic => finding(document.uri, diagnostic));
  const touched = all.filter(({ range }) => range.intersection(selection));
  if (touched.length) {
    return touched;
  }
  return all.filter(({ range }) => range.start.line <= selection.end.line && selection.start.line <= range.end.line);
}

/** The name of the rule that a diagnostic is of, if it's one of paydown's. */
export function ruleOf(diagnostic: vscode.Diagnostic): string | undefined {
  return dataOf(diagnostic)?.name;
}

function dataOf(diagnostic: vscode.Diagnostic): Partial<Finding> | undefined {
  return (diagnostic as { readonly data?: Partial<Finding> }).data;
}

function finding(uri: vscode.Uri, diagnostic: vscode.Diagnostic): Finding[] {
  const data = dataOf(diagnostic);
  if (!data?.name || !data.fingerprint) {
    return [];
  }
  return [
    {
      uri: uri.toString(),
      name: data.name,
      message: diagnostic.message,
      fingerprint: data.fingerprint,
      range: diagnostic.range
    }
  ];
}
