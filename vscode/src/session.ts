/** The one server of a window: found, started, started again, stopped. */

import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Middleware } from 'vscode-languageclient/node';
import { candidates, expanded, type Candidate, type Surroundings } from './candidates';
import { languageClient, type QuietClient } from './client';
import { launches, nothingFound, type Launch } from './launch';
import { inTime } from './patience';
import { probe, run, type Refusal } from './probe';
import { pythonExtension } from './pythonExtension';
import { settings } from './settings';

/** A server that says nothing for so long won't. */
const START_MS = 60_000;

/** No way of starting a server looks like this. */
const NOTHING_YET = '';

/** How the server is; `failed` says why in a sentence. */
export type State =
  | { readonly kind: 'off' }
  | { readonly kind: 'starting' }
  | { readonly kind: 'running'; readonly launch: Launch }
  | { readonly kind: 'failed'; readonly why: string };

export class Session implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<State>();
  readonly onDidChange = this.changed.event;
  private current: State = { kind: 'off' };
  private running: QuietClient | undefined;
  private last: Promise<void> = Promise.resolve();
  private asked = 0;
  private tried = NOTHING_YET;

  constructor(
    private readonly context: vscode.ExtensionContext,
    readonly log: vscode.LogOutputChannel,
    private readonly middleware: Middleware,
    private readonly prepare: (client: QuietClient) => void
  ) {}

  get state(): State {
    return this.current;
  }

  /** The client, if its server is up. */
  get client(): QuietClient | undefined {
    return this.running?.isRunning() ? this.running : undefined;
  }

  /** Starts the server anew, after whatever is under way; asked several times in a row, it does so once. */
  restart(): Promise<void> {
    this.tried = NOTHING_YET;
    return this.reconsider();
  }

  /** Looks again which server it should be, and starts that if it's another one. */
  reconsider(): Promise<void> {
    const order = ++this.asked;
    this.last = this.last
      .then(() => (order === this.asked ? this.bringUpToDate() : undefined))
      .catch(error => this.log.error(error as Error));
    return this.last;
  }

  async dispose(): Promise<void> {
    this.asked++;
    await this.last;
    await this.stop();
    this.changed.dispose();
  }

  /** Everything that might be a Python here, the most wanted first. */
  async candidates(): Promise<Candidate[]> {
    const trusted = vscode.workspace.isTrusted;
    const python = trusted ? await pythonExtension(this.log) : undefined;
    const active = await python?.interpreter().catch(() => undefined);
    return candidates({ chosen: settings().interpreter, active, trusted }, surroundings());
  }

  probe(candidate: Candidate): ReturnType<typeof probe> {
    return probe(candidate, path.join(this.tool, 'probe.py'), this.tool);
  }

  private get tool(): string {
    return this.context.asAbsolutePath(path.join('bundled', 'tool'));
  }

  private async bringUpToDate(): Promise<void> {
    const ways = await this.ways();
    const tried = JSON.stringify(ways ?? null);
    if (tried !== this.tried) {
      this.tried = tried;
      await this.stop();
      await this.start(ways);
    }
  }

  private async ways(): Promise<Launch[] | readonly Refusal[] | undefined> {
    const { enable, path: custom, importStrategy: strategy } = settings();
    if (!enable) {
      return undefined;
    }
    if (this.current.kind === 'off') {
      this.become({ kind: 'starting' });
    }
    return launches({
      custom: custom.map(part => expanded(part, surroundings())),
      strategy,
      trusted: vscode.workspace.isTrusted,
      candidates: () => this.candidates(),
      tool: this.tool,
      probe: candidate => this.probe(candidate),
      run,
      log: line => this.log.info(line)
    });
  }

  private async start(ways: Launch[] | readonly Refusal[] | undefined): Promise<void> {
    if (!ways) {
      return;
    }
    if (nothingFound(ways)) {
      this.become({ kind: 'failed', why: vscode.l10n.t('paydown needs Python 3.11 or newer, and found none.') });
      return;
    }
    this.become({ kind: 'starting' });
    for (const launch of ways) {
      if (await this.startAs(launch)) {
        return;
      }
    }
    this.become({ kind: 'failed', why: vscode.l10n.t('The paydown server did not start.') });
  }

  private async startAs(launch: Launch): Promise<boolean> {
    const line = [launch.command, ...launch.args].join(' ');
    this.log.info(`Starting the ${launch.server} server: ${line}`);
    const client = languageClient({
      launch,
      log: this.log,
      directory: launch.server === 'custom' ? (firstFolder() ?? this.tool) : this.tool,
      middleware: this.middleware,
      onGivenUp: () => {
        this.become({ kind: 'failed', why: vscode.l10n.t('The paydown server crashed five times in three minutes.') });
      }
    });
    this.prepare(client);
    try {
      await inTime(client.start(), START_MS);
    } catch (error) {
      this.log.warn(`The ${launch.server} server did not start: ${String(error)}`);
      await retire(client);
      return false;
    }
    this.running = client;
    this.become({ kind: 'running', launch });
    return true;
  }

  private async stop(): Promise<void> {
    const client = this.running;
    this.running = undefined;
    if (client) {
      await retire(client);
    }
    this.become({ kind: 'off' });
  }

  private become(state: State): void {
    this.current = state;
    this.changed.fire(state);
  }
}

/** Stops a client in whatever state it is: one that crashed too often, or never started, refuses to be stopped. */
async function retire(client: QuietClient): Promise<void> {
  client.retired = true;
  if (!client.needsStop()) {
    return;
  }
  try {
    await client.stop();
  } catch {
    // It's down already, and its process is ended by the client.
  }
}

function surroundings(): Surroundings {
  return {
    platform: process.platform,
    environment: process.env,
    home: os.homedir(),
    folders: (vscode.workspace.workspaceFolders ?? [])
      .filter(({ uri }) => uri.scheme === 'file')
      .map(({ uri }) => uri.fsPath),
    exists: fs.existsSync
  };
}

function firstFolder(): string | undefined {
  return surroundings().folders[0];
}
