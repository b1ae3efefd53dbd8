/** The language client: what it watches, what it tells the server, and that it keeps its errors to the log. */

import * as vscode from 'vscode';
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  RevealOutputChannelOn,
  State,
  type CloseHandlerResult,
  type ErrorHandler,
  type LanguageClientOptions,
  type Middleware
} from 'vscode-languageclient/node';
import { crashCounter } from './crashes';
import type { Launch } from './launch';
import { safeEnvironment } from './probe';
import { SECTION, ofTheServer } from './settings';

/** The documents that paydown reads. */
export const DOCUMENTS = [
  { notebook: 'jupyter-notebook', language: 'python' },
  { scheme: 'file', language: 'python' },
  { scheme: 'untitled', language: 'python' }
];

/** A command of the extension that fixes may name: it types a shell command, such as `dvc add data.csv`, into a terminal. */
export const TERMINAL = 'paydown.terminal';

/** A command of the extension that opens a rule's page: a hover may name it, whatever the workspace is trusted with. */
export const EXPLAIN = 'paydown.explain';

/** A client that writes its errors to the log only: which of them the user must hear of is the session's to say. */
export class QuietClient extends LanguageClient {
  /** Nobody wants this client any more: it must not come back by itself. */
  retired = false;
  /** The server has been up at least once: dying before is a failed start, and the session's matter. */
  hasRun = false;

  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }

  override info(message: string, data?: unknown): void {
    super.info(message, data, false);
  }
}

export interface ClientOptions {
  readonly launch: Launch;
  readonly log: vscode.LogOutputChannel;
  readonly directory: string;
  readonly middleware: Middleware;
  readonly onGivenUp: () => void;
}

/** A client for one way of starting the server; not started yet. */
export function languageClient({ launch, log, directory, middleware, onGivenUp }: ClientOptions): QuietClient {
  const options: LanguageClientOptions = {
    documentSelector: DOCUMENTS,
    outputChannel: log,
    traceOutputChannel: log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationFailedHandler: () => false,
    initializationOptions: {
      commands: vscode.workspace.isTrusted ? [EXPLAIN, TERMINAL] : [EXPLAIN],
      diagnosticsInHovers: true
    },
    markdown: { isTrusted: { enabledCommands: [EXPLAIN] } },
    errorHandler: crashHandler(() => client, onGivenUp),
    synchronize: { configurationSection: SECTION },
    middleware: { ...middleware, workspace: ownSettings }
  };
  const executable = {
    command: launch.command,
    args: [...launch.args],
    options: { cwd: directory, env: safeEnvironment() }
  };
  const client = new QuietClient(SECTION, 'paydown', executable, options);
  client.onDidChangeState(({ newState }) => {
    client.hasRun ||= newState === State.Running;
  });
  return client;
}

const DOWN: CloseHandlerResult = { action: CloseAction.DoNotRestart, handled: true };

function crashHandler(client: () => QuietClient, onGivenUp: () => void): ErrorHandler {
  const crashed = crashCounter();
  return {
    error: (_error, _message, count) => ({
      action: (count ?? 0) <= 3 ? ErrorAction.Continue : ErrorAction.Shutdown,
      handled: true
    }),
    closed: async () => {
      if (client().retired || !client().hasRun) {
        return DOWN;
      }
      const pause = crashed();
      if (pause === undefined) {
        onGivenUp();
        return DOWN;
      }
      // The pause also lets the client finish with the dead connection before it makes the next.
      await new Promise(resolve => setTimeout(resolve, pause));
      return client().retired ? DOWN : { action: CloseAction.Restart, handled: true };
    }
  };
}

/** The server asks for its settings when it's told that they changed. */
const ownSettings: NonNullable<Middleware['workspace']> = {
  configuration: async (params, token, next) => {
    const sections = await next(params, token);
    return Array.isArray(sections)
      ? sections.map((section: unknown, index) =>
          params.items[index]?.section === SECTION ? ofTheServer(section) : section
        )
      : sections;
  },
  didChangeConfiguration: (_sections, next) => next(undefined)
};
