/** paydown in VS Code: a thin client of its language server. */

import * as vscode from 'vscode';
import { TERMINAL } from './client';
import { accept, explain, fixAll, pinData, typeInTerminal } from './commands';
import { middleware } from './middleware';
import { SCHEME, pages } from './pages';
import { pythonExtension } from './pythonExtension';
import { Session } from './session';
import { asksForAnotherServer } from './settings';
import { selectInterpreter, tellFailure } from './setup';
import { Status } from './status';

/** What `activate` gives; the extension's own tests look at it. */
export interface Api {
  readonly session: Session;
  readonly status: Status;
}

let stop: () => Promise<void> = () => Promise.resolve();

export function activate(context: vscode.ExtensionContext): Api {
  const log = vscode.window.createOutputChannel('paydown', { log: true });
  const status = new Status();
  const session = new Session(context, log, middleware, client => status.listenTo(client));
  const restart = (): void => void session.restart();
  let told = false;

  context.subscriptions.push(
    log,
    status,
    session.onDidChange(state => {
      status.become(state);
      if (state.kind === 'failed' && !told) {
        void tellFailure(state.why);
      }
      // Told once, and once more only after it has worked in between.
      told = state.kind === 'failed' || (told && state.kind !== 'running');
    }),
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, pages(session)),
    vscode.workspace.onDidChangeConfiguration(change => asksForAnotherServer(change) && restart()),
    vscode.workspace.onDidGrantWorkspaceTrust(restart),
    vscode.workspace.onDidChangeWorkspaceFolders(() => void session.reconsider()),
    vscode.commands.registerCommand('paydown.restart', () => session.restart()),
    vscode.commands.registerCommand('paydown.showLog', () => log.show()),
    vscode.commands.registerCommand('paydown.selectInterpreter', () => selectInterpreter(session)),
    vscode.commands.registerCommand('paydown.explain', (name?: unknown) => explain(session, name)),
    vscode.commands.registerCommand('paydown.fixAll', () => fixAll(session)),
    vscode.commands.registerCommand('paydown.accept', (uri?: unknown, fingerprint?: unknown) =>
      accept(session, uri, fingerprint)
    ),
    vscode.commands.registerCommand('paydown.pinData', () => pinData(session)),
    vscode.commands.registerCommand(TERMINAL, typeInTerminal)
  );
  stop = () => session.dispose();
  restart();
  void followPythonExtension(context, session, log);
  return { session, status };
}

/** VS Code waits for this, where it doesn't for what is merely disposed of: the server says goodbye. */
export function deactivate(): Promise<void> {
  return stop();
}

/** Another active environment asks for another server, if it brings another Python. */
async function followPythonExtension(
  context: vscode.ExtensionContext,
  session: Session,
  log: vscode.LogOutputChannel
): Promise<void> {
  const python = await pythonExtension(log);
  if (python) {
    context.subscriptions.push(python.onDidChange(() => void session.reconsider()));
  }
}
