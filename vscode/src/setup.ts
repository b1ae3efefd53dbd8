/** What the user can be asked to do so that paydown works: choose a Python, look at the log, start again. */

import * as vscode from 'vscode';
import { isRefusal, type Interpreter } from './probe';
import { isInstalled } from './pythonExtension';
import type { Session } from './session';
import { SECTION } from './settings';

const { t } = vscode.l10n;

/** Says once why paydown isn't running, with what can be done about it. */
export async function tellFailure(why: string): Promise<void> {
  const select = t('Select Interpreter');
  const settings = t('Open Settings');
  const log = t('Show Log');
  const restart = t('Restart');
  const commands = new Map<string | undefined, readonly [string, ...unknown[]]>([
    [select, ['paydown.selectInterpreter']],
    [settings, ['workbench.action.openSettings', SECTION]],
    [log, ['paydown.showLog']],
    [restart, ['paydown.restart']]
  ]);
  const command = commands.get(await vscode.window.showErrorMessage(why, select, restart, settings, log));
  if (command) {
    await vscode.commands.executeCommand(...command);
  }
}

/** Through the Python extension where there is one; else from the Pythons that were found. */
export async function selectInterpreter(session: Session): Promise<void> {
  if (isInstalled()) {
    await vscode.commands.executeCommand('python.setInterpreter');
    return;
  }
  const browse: vscode.QuickPickItem = {
    label: t('Find…'),
    description: t('Choose the file of a Python 3.11 or newer')
  };
  const items = found(session).then(interpreters => [
    ...interpreters.map(({ command, version }): vscode.QuickPickItem => ({
      label: `Python ${version}`,
      description: command
    })),
    browse
  ]);
  const chosen = await vscode.window.showQuickPick<vscode.QuickPickItem>(items, {
    placeHolder: t('Which Python runs paydown?')
  });
  const interpreter = chosen === browse ? await browsed() : chosen?.description;
  if (interpreter) {
    const target = vscode.workspace.workspaceFolders
      ? vscode.ConfigurationTarget.Workspace
      : vscode.ConfigurationTarget.Global;
    await vscode.workspace.getConfiguration(SECTION).update('interpreter', interpreter, target);
  }
}

async function found(session: Session): Promise<Interpreter[]> {
  const answers = await Promise.all((await session.candidates()).map(candidate => session.probe(candidate)));
  const usable = answers.filter((answer): answer is Interpreter => !isRefusal(answer));
  return [...new Map(usable.map(interpreter => [interpreter.command, interpreter])).values()];
}

async function browsed(): Promise<string | undefined> {
  const files = await vscode.window.showOpenDialog({
    canSelectMany: false,
    title: t('Choose the file of a Python 3.11 or newer')
  });
  return files?.[0]?.fsPath;
}
