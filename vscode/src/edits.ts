/** Edits that the server computes. */

import * as vscode from 'vscode';
import { TextDocumentEdit, type WorkspaceEdit } from 'vscode-languageclient/node';
import type { QuietClient } from './client';

const TRIES = 3;

/** Asks for an edit and applies it; asks again if the text has moved on meanwhile. False: there was nothing to do. */
export async function applyAsked(client: QuietClient, method: string, params: object): Promise<boolean> {
  for (let tries = 0; tries < TRIES; tries++) {
    const edit = await client.sendRequest<WorkspaceEdit | null>(method, params);
    if (!edit || isEmpty(edit)) {
      return false;
    }
    const converted = await client.protocol2CodeConverter.asWorkspaceEdit(edit);
    if (isCurrent(edit, client)) {
      return vscode.workspace.applyEdit(converted);
    }
  }
  return false;
}

function isEmpty({ changes, documentChanges }: WorkspaceEdit): boolean {
  return !documentChanges?.length && !Object.keys(changes ?? {}).length;
}

/** VS Code's own edits know no versions: an edit for a text that has changed since would land in the wrong place. */
function isCurrent(edit: WorkspaceEdit, client: QuietClient): boolean {
  const versions = new Map(vscode.workspace.textDocuments.map(({ uri, version }) => [uri.toString(), version]));
  return (edit.documentChanges ?? []).filter(TextDocumentEdit.is).every(({ textDocument: { uri, version } }) => {
    const now = versions.get(client.protocol2CodeConverter.asUri(uri).toString());
    return version === null || now === undefined || version === now;
  });
}
