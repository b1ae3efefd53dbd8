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
  const all = findingsIn(client, document.uri);
  const touched = all.filter(({ range }) => range.intersection(selection));
  if (touched.length) {
    return touched;
  }
  return all.filter(({ range }) => range.start.line <= selection.end.line && selection.start.line <= range.end.line);
}

/** The name of the rule of a finding that a code action names; undefined if the finding is gone. */
export function nameOf(client: QuietClient, uri: string, fingerprint: string): string | undefined {
  const place = client.protocol2CodeConverter.asUri(uri);
  return findingsIn(client, place).find(finding => finding.fingerprint === fingerprint)?.name;
}

/** The name of the rule that a diagnostic is of, if it's one of paydown's. */
export function ruleOf(diagnostic: vscode.Diagnostic): string | undefined {
  return dataOf(diagnostic)?.name;
}

function dataOf(diagnostic: vscode.Diagnostic): Partial<Finding> | undefined {
  return (diagnostic as { readonly data?: Partial<Finding> }).data;
}

function findingsIn(client: QuietClient, uri: vscode.Uri): Finding[] {
  return (client.diagnostics?.get(uri) ?? []).flatMap(diagnostic => finding(uri, diagnostic));
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
