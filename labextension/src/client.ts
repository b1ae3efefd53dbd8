import { PageConfig, URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { ClientCapabilities } from 'vscode-languageserver-protocol';
import type { Connection } from './tokens';

/** Milliseconds between attempts to connect: doubled each time up to the last. */
const FIRST_PAUSE = 250;
const LAST_PAUSE = 30_000;
/** A connection that lasted this long starts the pauses anew when it ends. */
const STEADY = 10_000;
/** A server that ends this often in a row has a problem that somebody should look into. */
const CRASHES = 4;

const CAPABILITIES: ClientCapabilities = {
  general: { positionEncodings: ['utf-16'] },
  notebookDocument: { synchronization: { dynamicRegistration: false, executionSummarySupport: true } },
  textDocument: {
    synchronization: { dynamicRegistration: false, didSave: true },
    publishDiagnostics: {
      relatedInformation: true,
      versionSupport: true,
      codeDescriptionSupport: true,
      dataSupport: true,
      tagSupport: { valueSet: [1] }
    }
  },
  window: { workDoneProgress: false, showMessage: {} },
  workspace: {
    applyEdit: true,
    configuration: true,
    didChangeConfiguration: { dynamicRegistration: false },
    workspaceEdit: { documentChanges: true, resourceOperations: ['create'] },
    workspaceFolders: true
  }
};

/** What the server asks of this side; the answer goes back, an error as an error. */
export type RequestHandler = (params: any) => unknown;
export type NotificationHandler = (params: any) => void;

interface IPending {
  resolve(result: any): void;
  reject(error: Error): void;
}

interface IMessage {
  id?: number | string;
  method?: string;
  params?: any;
  result?: unknown;
  error?: { code: number; message: string };
}

/** The connection has gone, or was never there. */
export class Disconnected extends Error {}

/**
 * A client of the language server over the websocket of paydown's Jupyter server extension.
 *
 * One frame is one JSON-RPC message and is handled as it comes. When the connection goes, what was asked is rejected,
 * and the client connects again after a pause.
 */
export class Client implements IDisposable {
  /** Messages from the server, by method. */
  readonly notifications = new Map<string, NotificationHandler>();
  readonly requests = new Map<string, RequestHandler>();

  constructor(private readonly _settings: ServerConnection.ISettings) {}

  /** How the connection stands. */
  get connection(): Connection {
    return this._connection;
  }

  /** Emitted when that changes. With `ready` the server knows no document: open them. */
  get connectionChanged(): Signal<this, Connection> {
    return this._connectionChanged;
  }

  /** The URI of the folder that JupyterLab's paths are relative to. */
  get rootUri(): string {
    return this._rootUri;
  }

  get isReady(): boolean {
    return this._connection.kind === 'ready';
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Connect, and stay connected. */
  start(): void {
    if (this._socket || this._timer || this._isDisposed) {
      return;
    }
    this._pause = FIRST_PAUSE;
    this._set({ kind: 'connecting' });
    this._connect();
  }

  /** Disconnect, and stay so. */
  stop(): void {
    clearTimeout(this._timer);
    this._timer = 0;
    this._leave();
    this._set({ kind: 'off', reason: 'settings' });
  }

  /** Start a new server in the place of this one. */
  restart(): void {
    clearTimeout(this._timer);
    this._timer = 0;
    this._leave();
    this._pause = FIRST_PAUSE;
    this._failures = 0;
    this._set({ kind: 'restarting', isCrashing: false });
    this._connect();
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this.stop();
    Signal.clearData(this);
  }

  /** Ask the server; rejected when the connection goes meanwhile. */
  request<T>(method: string, params: unknown): Promise<T> {
    if (!this.isReady) {
      return Promise.reject(new Disconnected(method));
    }
    return this._request<T>(method, params);
  }

  /** Tell the server. Whether it was told: not while there is none, nor when the message is longer than the cap. */
  notify(method: string, params: unknown): boolean {
    return this.isReady && this._send({ method, params });
  }

  private _request<T>(method: string, params: unknown): Promise<T> {
    const id = ++this._lastId;
    return new Promise<T>((resolve, reject) => {
      this._pending.set(id, { resolve, reject });
      if (!this._send({ id, method, params })) {
        this._pending.delete(id);
        reject(new Disconnected(method));
      }
    });
  }

  private _send(message: object): boolean {
    const text = JSON.stringify({ jsonrpc: '2.0', ...message });
    // A character takes three bytes of UTF-8 at most.
    if (!this._socket || this._socket.readyState !== WebSocket.OPEN || text.length * 3 > this._cap) {
      return false;
    }
    this._socket.send(text);
    return true;
  }

  private _connect(): void {
    const settings = this._settings;
    let url = URLExt.join(settings.wsUrl, 'paydown', 'lsp');
    if (settings.token && settings.appendToken) {
      url += `?token=${encodeURIComponent(settings.token)}`;
    }
    const socket = new settings.WebSocket(url);
    this._socket = socket;
    socket.onmessage = event => this._receive(JSON.parse(event.data as string) as IMessage);
    socket.onclose = () => {
      if (this._socket === socket) {
        this._lost();
      }
    };
  }

  /** Close the connection without a word, as if it had never been. */
  private _leave(): void {
    const socket = this._socket;
    this._socket = null;
    this._rejectAll();
    if (socket) {
      socket.onmessage = socket.onclose = null;
      socket.close();
    }
  }

  private _lost(): void {
    const lasted = this._since ? Date.now() - this._since : 0;
    const wasGreeted = this._isGreeted;
    this._since = 0;
    this._isGreeted = false;
    this._socket = null;
    this._rejectAll();
    if (lasted > STEADY) {
      this._pause = FIRST_PAUSE;
      this._failures = 0;
    }
    this._failures += wasGreeted ? 1 : 0;
    this._set({ kind: 'restarting', isCrashing: this._failures >= CRASHES });
    this._retry(!wasGreeted);
  }

  /** Connect again after a pause. Where nobody answered, it's looked into first. */
  private _retry(isUnanswered: boolean): void {
    this._timer = window.setTimeout(async () => {
      const reason = isUnanswered ? await this._whyNot() : null;
      if (!this._timer || this._isDisposed) {
        return; // stopped or restarted meanwhile
      }
      this._timer = 0;
      if (reason) {
        this._set({ kind: 'off', reason });
      } else {
        this._connect();
      }
    }, this._pause);
    this._pause = Math.min(this._pause * 2, LAST_PAUSE);
  }

  /** A websocket doesn't say why it was refused; a plain request to the same address does. */
  private async _whyNot(): Promise<'extension' | 'login' | null> {
    try {
      const url = URLExt.join(this._settings.baseUrl, 'paydown', 'lsp');
      const { status } = await ServerConnection.makeRequest(url, {}, this._settings);
      return status === 404 ? 'extension' : status === 401 || status === 403 ? 'login' : null;
    } catch {
      return null; // the Jupyter server isn't there: it may come back
    }
  }

  private _rejectAll(): void {
    const pending = [...this._pending.values()];
    this._pending.clear();
    for (const { reject } of pending) {
      reject(new Disconnected());
    }
  }

  private _set(connection: Connection): void {
    this._connection = connection;
    this._connectionChanged.emit(connection);
  }

  private _receive(message: IMessage): void {
    if (message.method === 'paydown/hello') {
      void this._initialize(message.params);
    } else if (message.method !== undefined && message.id !== undefined) {
      void this._answer(message.id, message.method, message.params);
    } else if (message.method !== undefined) {
      this.notifications.get(message.method)?.(message.params);
    } else {
      const pending = this._pending.get(message.id as number);
      this._pending.delete(message.id as number);
      if (message.error) {
        pending?.reject(new Error(message.error.message));
      } else {
        pending?.resolve(message.result);
      }
    }
  }

  private async _initialize(hello: { rootUri: string; version: string; messageCap: number }): Promise<void> {
    this._isGreeted = true;
    this._rootUri = hello.rootUri;
    this._cap = hello.messageCap;
    const name = hello.rootUri.replace(/^.*\//, '');
    try {
      await this._request('initialize', {
        processId: null,
        clientInfo: {
          name: PageConfig.getOption('appName') || 'JupyterLab',
          version: PageConfig.getOption('appVersion')
        },
        rootUri: hello.rootUri,
        workspaceFolders: [{ uri: hello.rootUri, name }],
        capabilities: CAPABILITIES,
        initializationOptions: { syntaxErrors: true }
      });
    } catch (error) {
      if (!(error instanceof Disconnected)) {
        console.error('paydown: the language server refused to start', error);
        this._socket?.close();
      }
      return;
    }
    this._since = Date.now();
    this._send({ method: 'initialized', params: {} });
    this._set({ kind: 'ready', version: hello.version });
  }

  private async _answer(id: number | string, method: string, params: unknown): Promise<void> {
    const handler = this.requests.get(method);
    if (!handler) {
      this._send({ id, error: { code: -32601, message: `no ${method} here` } });
      return;
    }
    try {
      this._send({ id, result: (await handler(params)) ?? null });
    } catch (error) {
      this._send({ id, error: { code: -32603, message: String(error) } });
    }
  }

  private _socket: WebSocket | null = null;
  private _connection: Connection = { kind: 'connecting' };
  private _connectionChanged = new Signal<this, Connection>(this);
  private _rootUri = '';
  private _cap = Infinity;
  private _lastId = 0;
  private _pending = new Map<number, IPending>();
  private _pause = FIRST_PAUSE;
  private _timer = 0;
  /** When the connection was ready. */
  private _since = 0;
  /** Whether the Jupyter server has answered: what ends from then on is the language server. */
  private _isGreeted = false;
  private _failures = 0;
  private _isDisposed = false;
}
