const vscode = require('vscode');

exports.activate = context => {
  const changed = new vscode.EventEmitter();
  let python = '';
  context.subscriptions.push(
    vscode.commands.registerCommand('paydownStub.activate', path => {
      python = path;
      changed.fire({ id: path, path });
    })
  );
  return {
    environments: {
      getActiveEnvironmentPath: () => ({ id: python, path: python }),
      resolveEnvironment: async ({ path }) => (path ? { executable: { uri: vscode.Uri.file(path) } } : undefined),
      onDidChangeActiveEnvironmentPath: changed.event
    }
  };
};
