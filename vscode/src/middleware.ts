/** Between VS Code and the server: what the editor can do better than an edit. */

import * as vscode from 'vscode';
import type { Middleware } from 'vscode-languageclient/node';
import { ruleOf } from './findings';
import { addressOf } from './pages';

/** What travels in the server's entry for accepting a finding. */
interface Acceptance {
  readonly uri: string;
  readonly fingerprint: string;
  readonly accept: true;
}

export const ACCEPT = 'paydown.accept';

export const middleware: Middleware = {
  handleDiagnostics: (uri, diagnostics, next) => {
    diagnostics.forEach(linkToPage);
    next(uri, diagnostics);
  },
  provideCodeActions: async (document, range, context, token, next) => {
    const actions = await next(document, range, context, token);
    actions?.forEach(askForReason);
    return actions;
  },
  // Accepting is a command here: the server has no edit to add.
  resolveCodeAction: (action, token, next) => (action.command?.command === ACCEPT ? action : next(action, token))
};

/**
 * The code of a finding opens its rule's page in the editor, where the server's own link leads to the paper. It is the
 * page's own address: newer VS Codes follow no command there.
 */
function linkToPage(diagnostic: vscode.Diagnostic): void {
  const name = ruleOf(diagnostic);
  if (name && typeof diagnostic.code === 'object') {
    diagnostic.code = { value: diagnostic.code.value, target: addressOf(name) };
  }
}

/** An editor can ask for the reason why debt is accepted, where the server's own entry writes a placeholder. */
function askForReason(action: vscode.CodeAction | vscode.Command): void {
  const { data } = action as { readonly data?: Partial<Acceptance> };
  if (data?.accept && action instanceof vscode.CodeAction) {
    action.command = { title: action.title, command: ACCEPT, arguments: [data.uri, data.fingerprint] };
  }
}
