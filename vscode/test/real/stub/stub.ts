/** The part of the Python extension's API that paydown asks for. */

import * as vscode from 'vscode';

export function activate(context: vscode.ExtensionContext): object {
  const changed = new vscode.EventEmitter<{ id: string; path: string }>();
  let python = '';
  context.subscriptions.push(
    changed,
    vscode.commands.registerCommand('paydownStub.activate', (path: string) => {
      python = path;
      changed.fire({ id: path, path });
    })
  );
  return {
    environments: {
      getActiveEnvironmentPath: () => ({ id: python, path: python }),
      resolveEnvironment: ({ path }: { path: string }) =>
        Promise.resolve(path ? { executable: { uri: vscode.Uri.file(path) } } : undefined),
      onDidChangeActiveEnvironmentPath: changed.event
    }
  };
}
