import { ILayoutRestorer, type JupyterFrontEnd, type JupyterFrontEndPlugin, ILabShell } from '@jupyterlab/application';
import { ICommandPalette, Notification } from '@jupyterlab/apputils';
import { IEditorExtensionRegistry } from '@jupyterlab/codemirror';
import { IEditorTracker } from '@jupyterlab/fileeditor';
import { INotebookTracker } from '@jupyterlab/notebook';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { Contents } from '@jupyterlab/services';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import type { ApplyWorkspaceEditParams, ConfigurationParams } from 'vscode-languageserver-protocol';
import { Actions } from './actions';
import { Client } from './client';
import { Documents } from './documents';
import { applyEdit } from './edits';
import { fixIcon, paydownIcon, restartIcon } from './icons';
import { DebtModel } from './model';
import { DebtPanel } from './panel';
import { Squiggles } from './squiggles';
import { StatusItem } from './status';
import { uriOf } from './sync/uris';
import { IDebt, PLUGIN_ID, Severity } from './tokens';

/** The commands; shortcuts are in the settings' schema. */
namespace CommandIDs {
  export const show = 'paydown:show';
  export const next = 'paydown:next';
  export const previous = 'paydown:previous';
  export const fix = 'paydown:fix';
  export const fixAll = 'paydown:fix-all';
  export const restart = 'paydown:restart';
}

const THRESHOLDS: Record<string, Severity> = {
  warning: Severity.Warning,
  information: Severity.Information,
  hint: Severity.Hint
};

const plugin: JupyterFrontEndPlugin<IDebt> = {
  id: PLUGIN_ID,
  description: 'Shows the technical debt of notebooks and scripts as they are edited.',
  autoStart: true,
  provides: IDebt,
  requires: [INotebookTracker, IEditorExtensionRegistry],
  optional: [
    IEditorTracker,
    ICommandPalette,
    ILabShell,
    ILayoutRestorer,
    IRenderMimeRegistry,
    ISettingRegistry,
    IStatusBar,
    ITranslator
  ],
  activate: (
    app: JupyterFrontEnd,
    notebooks: INotebookTracker,
    extensions: IEditorExtensionRegistry,
    editors: IEditorTracker | null,
    palette: ICommandPalette | null,
    labShell: ILabShell | null,
    restorer: ILayoutRestorer | null,
    rendermime: IRenderMimeRegistry | null,
    settingRegistry: ISettingRegistry | null,
    statusBar: IStatusBar | null,
    translator: ITranslator | null
  ): IDebt => {
    const trans = (translator ?? nullTranslator).load('paydown');
    const { contents, serverSettings } = app.serviceManager;
    const client = new Client(serverSettings);
    const model = new DebtModel();
    const documents = new Documents(client, model, contents, app.shell);
    const actions = new Actions(app, client, model, documents, trans);
    const squiggles = (actions.squiggles = new Squiggles(model, actions, trans));

    extensions.addExtension({
      name: 'paydown',
      factory: ({ model: { sharedModel } }) => ({
        instance: () => squiggles.extension(sharedModel),
        reconfigure: () => null
      })
    });

    listen(client, model, documents, contents);

    const settings = new Settings(model, client);
    const panel = new DebtPanel(
      model,
      Object.assign(actions, { switchOn: () => settings.switchOn() }),
      trans,
      rendermime
    );
    const openPanel = (): void => {
      if (panel.isVisible) {
        panel.activate(); // Notebook 7.2 would hide it
      } else {
        app.shell.activateById(panel.id);
      }
    };
    actions.showPage = page => {
      panel.showPage(page);
      openPanel();
    };
    app.shell.add(panel, 'right', { rank: 450, type: 'Debt' });
    restorer?.add(panel, panel.id);

    addCommands(app, actions, openPanel, trans);
    if (palette) {
      const category = trans.__('Paydown');
      Object.values(CommandIDs).forEach(command => palette.addItem({ command, category }));
    }
    if (statusBar) {
      const item = new StatusItem(model, trans, openPanel);
      statusBar.registerStatusItem('paydown:status', {
        item,
        align: 'right',
        rank: 45,
        isActive: () => item.isShown,
        activeStateChanged: model.changed
      });
    }

    void settings.load(settingRegistry).then(() => {
      documents.follow(notebooks, editors);
      // A server takes a second to start. JupyterLab will want one; a page of Notebook 7 without code will not.
      if (labShell) {
        client.start();
      }
    });
    return model;
  }
};

/** What the server says and asks. */
function listen(client: Client, model: DebtModel, documents: Documents, contents: Contents.IManager): void {
  client.connectionChanged.connect((_, connection) => (model.connection = connection));
  client.notifications.set('textDocument/publishDiagnostics', params => model.publish(params));
  client.notifications.set('paydown/analysed', ({ uri }: { uri: string }) => {
    documents.called(uri)?.onAnalysed();
    model.changed.emit();
  });
  client.notifications.set('window/logMessage', ({ message }) => console.debug('paydown:', message));
  client.notifications.set('window/showMessage', ({ type, message }: { type: number; message: string }) =>
    Notification.emit(message, type === 1 ? 'error' : type === 2 ? 'warning' : 'info', { autoClose: 8000 })
  );
  client.requests.set('workspace/configuration', ({ items }: ConfigurationParams) => items.map(() => null));
  client.requests.set('client/registerCapability', () => null);
  client.requests.set('client/unregisterCapability', () => null);
  client.requests.set('window/workDoneProgress/create', () => null);
  client.requests.set('workspace/applyEdit', ({ edit }: ApplyWorkspaceEditParams) => ({
    applied: applyEdit(edit, model).outcome === 'applied'
  }));
  contents.fileChanged.connect((_, { type, newValue, oldValue }) => {
    const kind = { new: 1, save: 2, delete: 3 }[type as string];
    const changes = [
      ...(type !== 'new' && type !== 'save' && oldValue?.path ? [{ path: oldValue.path, type: 3 }] : []),
      ...(kind !== 3 && newValue?.path ? [{ path: newValue.path, type: kind ?? 1 }] : [])
    ];
    if (changes.length && client.isReady) {
      client.notify('workspace/didChangeWatchedFiles', {
        changes: changes.map(({ path, type }) => ({ uri: uriOf(client.rootUri, contents, path), type }))
      });
    }
  });
}

/** The settings, as they come and change. */
class Settings {
  constructor(
    private readonly _model: DebtModel,
    private readonly _client: Client
  ) {}

  /** Without settings the defaults hold. */
  async load(registry: ISettingRegistry | null): Promise<void> {
    try {
      this._settings = (await registry?.load(PLUGIN_ID)) ?? null;
    } catch (error) {
      console.warn('paydown: its settings could not be read', error);
    }
    this._settings?.changed.connect(this._apply, this);
    this._apply();
  }

  switchOn(): void {
    if (this._settings) {
      void this._settings.set('enabled', true);
    } else {
      this._client.restart();
    }
  }

  private _apply(): void {
    const { enabled, severity } = (this._settings?.composite ?? {}) as { enabled?: boolean; severity?: string };
    this._model.threshold = THRESHOLDS[severity ?? 'hint'] ?? Severity.Hint;
    const isOff = this._client.connection.kind === 'off';
    if (enabled === false) {
      this._client.stop();
    } else if (isOff) {
      this._client.restart();
    }
  }

  private _settings: ISettingRegistry.ISettings | null = null;
}

function addCommands(app: JupyterFrontEnd, actions: Actions, openPanel: () => void, trans: TranslationBundle): void {
  const { commands } = app;
  const hasFindings = (): boolean => actions.hasFindings;
  commands.addCommand(CommandIDs.show, {
    label: trans.__('Show the Debt Panel'),
    icon: paydownIcon,
    execute: openPanel
  });
  commands.addCommand(CommandIDs.next, {
    label: trans.__('Go to the Next Finding'),
    isEnabled: hasFindings,
    execute: () => actions.step(1)
  });
  commands.addCommand(CommandIDs.previous, {
    label: trans.__('Go to the Previous Finding'),
    isEnabled: hasFindings,
    execute: () => actions.step(-1)
  });
  commands.addCommand(CommandIDs.fix, {
    label: trans.__('Fix the Finding at the Cursor'),
    icon: fixIcon,
    isEnabled: hasFindings,
    execute: () => actions.fixAtCursor()
  });
  commands.addCommand(CommandIDs.fixAll, {
    label: trans.__('Make All Safe Fixes'),
    isEnabled: hasFindings,
    execute: () => actions.fixAllSafe()
  });
  commands.addCommand(CommandIDs.restart, {
    label: trans.__('Restart the Language Server of paydown'),
    icon: restartIcon,
    execute: () => actions.restart()
  });
}

export * from './tokens';
export default plugin;
