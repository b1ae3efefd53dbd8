/** The environment that is active in ms-python's extension, when that is installed. */

import * as vscode from 'vscode';
import { inTime } from './patience';

const ID = 'ms-python.python';
const PATIENCE_MS = 10_000;

/** The part of ms-python's published API that is used here. */
interface PythonApi {
  readonly environments: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { readonly id: string; readonly path: string };
    resolveEnvironment(environment: {
      readonly id: string;
      readonly path: string;
    }): Promise<{ readonly executable: { readonly uri?: vscode.Uri } } | undefined>;
    readonly onDidChangeActiveEnvironmentPath: vscode.Event<unknown>;
  };
}

export interface PythonExtension {
  /** The active environment's interpreter, or undefined. */
  readonly interpreter: () => Promise<string | undefined>;
  readonly onDidChange: vscode.Event<unknown>;
}

export function isInstalled(): boolean {
  return vscode.extensions.getExtension(ID) !== undefined;
}

/** ms-python's extension, activated; undefined if it isn't there, fails or takes too long. */
export async function pythonExtension(log: vscode.LogOutputChannel): Promise<PythonExtension | undefined> {
  const extension = vscode.extensions.getExtension<PythonApi>(ID);
  if (!extension) {
    return undefined;
  }
  try {
    const environments = (await inTime(extension.activate(), PATIENCE_MS)).environments;
    return {
      interpreter: async () => {
        const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
        const active = environments.getActiveEnvironmentPath(folder);
        const resolved = await inTime(environments.resolveEnvironment(active), PATIENCE_MS);
        return resolved?.executable.uri?.fsPath;
      },
      onDidChange: environments.onDidChangeActiveEnvironmentPath
    };
  } catch (error) {
    log.warn(`The Python extension could not be asked for its interpreter: ${String(error)}`);
    return undefined;
  }
}
