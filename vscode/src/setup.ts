/** What the user can be asked to do so that paydown works: choose a Python, let fixes be set up. */

import * as fs from 'node:fs/promises';
import * as vscode from 'vscode';
import { pythonsOf } from './candidates';
import { isRefusal, run, type Interpreter } from './probe';
import { isInstalled } from './pythonExtension';
import type { Session } from './session';
import { SECTION } from './settings';

const { t } = vscode.l10n;

/** What fixes are written with; a range, so that any supported Python finds a build. */
const LIBCST = 'libcst>=1.8,<2';

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

/** Asks whether fixes may be set up; true if they are now. */
export async function offerFixes(session: Session): Promise<boolean> {
  const install = t('Set Up Fixes');
  const answer = await vscode.window.showInformationMessage(
    t('Fixes need the libcst package, which {0} does not have.', session.interpreter?.command ?? 'Python'),
    install
  );
  return answer === install && (await setUpFixes(session));
}

/** Makes an environment of the extension's own with libcst in it. The user's environments stay as they are. */
export async function setUpFixes(session: Session): Promise<boolean> {
  const { interpreter } = session;
  if (!interpreter || interpreter.canFix) {
    void vscode.window.showInformationMessage(
      interpreter ? t('Fixes are set up.') : t('Fixes are the matter of the server that you have chosen yourself.')
    );
    return interpreter !== undefined;
  }
  const title = t('Setting up fixes in an environment of the extension’s own');
  const location = vscode.ProgressLocation.Notification;
  const problem = await vscode.window.withProgress({ location, title }, () =>
    environmentWithLibcst(session, interpreter)
  );
  if (problem) {
    const log = t('Show Log');
    const answer = await vscode.window.showErrorMessage(t('Fixes could not be set up: {0}', problem), log);
    if (answer === log) {
      session.log.show();
    }
    return false;
  }
  await session.restart();
  return session.interpreter?.canFix ?? false;
}

/** The last word of the step that failed, or undefined. */
async function environmentWithLibcst(session: Session, interpreter: Interpreter): Promise<string | undefined> {
  const environment = session.ownEnvironment;
  await fs.rm(environment, { recursive: true, force: true });
  await fs.mkdir(environment, { recursive: true });
  const python = pythonsOf(environment, process.platform)[0]!;
  const mine = [...interpreter.args, '-m'];
  const install = ['install', '--disable-pip-version-check', '--only-binary', ':all:', LIBCST];
  const { code: noPip } = await run(interpreter.command, [...mine, 'pip', '--version'], session.tool);
  // An environment without pip is made in a moment, and can be made where `ensurepip` is missing, as on Debian.
  const steps = noPip
    ? [
        { command: interpreter.command, args: [...mine, 'venv', environment] },
        { command: python, args: ['-m', 'pip', ...install] }
      ]
    : [
        { command: interpreter.command, args: [...mine, 'venv', '--without-pip', environment] },
        { command: interpreter.command, args: [...mine, 'pip', '--python', python, ...install] }
      ];
  for (const { command, args } of steps) {
    const { code, stdout, stderr } = await run(command, args, session.tool, SETUP_MS);
    session.log.info(`${command} ${args.join(' ')}\n${stdout}${stderr}`);
    if (code !== 0) {
      await fs.rm(environment, { recursive: true, force: true });
      return (stderr.trim() || stdout.trim()).split('\n').at(-1) ?? String(code);
    }
  }
  return undefined;
}

const SETUP_MS = 5 * 60_000;
