/** Between VS Code and the server: what the editor can do better than an edit. */

import * as vscode from 'vscode';
import type { Middleware } from 'vscode-languageclient/node';
import type { Session } from './session';
import { offerFixes } from './setup';

export function middleware(session: () => Session): Middleware {
  return {
    resolveCodeAction: async (action, token, next) => {
      if (session().interpreter?.canFix ?? true) {
        return next(action, token);
      }
      // On save nobody has asked: the language status says that fixes have to be set up.
      if (!action.kind || !vscode.CodeActionKind.SourceFixAll.contains(action.kind)) {
        void offerFixes(session());
      }
      return action;
    }
  };
}
