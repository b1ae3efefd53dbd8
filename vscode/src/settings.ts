/** The extension's settings. */

import * as vscode from 'vscode';
import type { ImportStrategy } from './launch';

export const SECTION = 'paydown';

/** Settings that say how the server is started; the others are the server's. */
const OF_THE_CLIENT = ['enable', 'interpreter', 'path', 'importStrategy', 'trace'];
const STARTING_ANEW = ['enable', 'interpreter', 'path', 'importStrategy'].map(name => `${SECTION}.${name}`);

export interface Settings {
  readonly enable: boolean;
  readonly interpreter: string;
  readonly path: readonly string[];
  readonly importStrategy: ImportStrategy;
}

export function settings(): Settings {
  const section = vscode.workspace.getConfiguration(SECTION);
  return {
    enable: section.get('enable', true),
    interpreter: section.get('interpreter', ''),
    path: section.get<readonly string[]>('path', []),
    importStrategy: section.get<ImportStrategy>('importStrategy', 'fromEnvironment')
  };
}

/** Whether a change of settings asks for another server process. */
export function asksForAnotherServer(change: vscode.ConfigurationChangeEvent): boolean {
  return STARTING_ANEW.some(name => change.affectsConfiguration(name));
}

/** What the server is told: the settings that are its own, and of those only what the user has set. */
export function ofTheServer(section: unknown): Record<string, unknown> {
  if (typeof section !== 'object' || section === null) {
    return {};
  }
  return Object.fromEntries(
    Object.entries(section).filter(([name, value]) => !OF_THE_CLIENT.includes(name) && !isEmpty(value))
  );
}

/** An empty list in VS Code means "not set": it must not overrule the project's `pyproject.toml`. */
function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
