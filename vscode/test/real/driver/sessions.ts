/** The server's life: other Pythons, restarts, crashes, the switch. */

import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Check } from './checks';
import { everyMoment, findings, until } from './waiting';
import { api, closeAll, file, openScript, session, set } from './workspace';

const UNSEEDED = 'unseeded-randomness';

export const checksOfSessions: readonly Check[] = [
  [
    'the Python extension’s active environment is followed, and its paydown is used',
    async () => {
      const { document } = await openScript('churn.py');
      const python = process.env['PAYDOWN_ENVIRONMENT_PYTHON'] ?? assert.fail('no environment with paydown is given');
      await nextStart(() => vscode.commands.executeCommand('paydownStub.activate', python));
      const { state } = await session('running');
      assert.equal(state.launch.server, 'environment');
      assert.deepEqual([state.launch.command, ...state.launch.args], [python, '-m', 'paydown_lsp']);
      await findings(document.uri, UNSEEDED);
    }
  ],
  [
    'the bundled server can be asked for, and a command of the user’s own',
    async () => {
      const { document } = await openScript('churn.py');
      const before = await session('running');
      const custom = [before.state.launch.command, ...before.state.launch.args];
      await nextStart(() => set('paydown.importStrategy', 'useBundled'));
      assert.equal((await session('running')).state.launch.server, 'bundled');
      await nextStart(() => set('paydown.path', custom));
      assert.equal((await session('running')).state.launch.server, 'custom');
      await findings(document.uri, UNSEEDED);
      await nextStart(() => set('paydown.path', undefined));
      await nextStart(() => set('paydown.importStrategy', undefined));
    }
  ],
  [
    'a restart brings another process, and the findings back',
    async () => {
      const { document } = await openScript('churn.py');
      const before = await processId();
      await vscode.commands.executeCommand('paydown.restart');
      assert.notEqual(await processId(), before);
      await findings(document.uri, UNSEEDED);
    }
  ],
  [
    'a crash is survived; after five the server stays down until it is restarted',
    async () => {
      const { document } = await openScript('churn.py');
      const { session: ours } = await api();
      for (let crash = 1; crash <= 4; crash++) {
        const dead = await processId();
        process.kill(dead, 'SIGKILL');
        await until(
          `the server after crash ${crash}`,
          [everyMoment],
          () => (ours.client?.serverProcess?.pid ?? dead) !== dead
        );
        await findings(document.uri, UNSEEDED);
      }
      process.kill(await processId(), 'SIGKILL');
      await session('failed');
      await findings(document.uri);
      await vscode.commands.executeCommand('paydown.restart');
      await session('running');
      await findings(document.uri, UNSEEDED);
    }
  ],
  [
    'switched off it shows nothing, and switched on again all',
    async () => {
      const { document } = await openScript('churn.py');
      await findings(document.uri, UNSEEDED);
      await set('paydown.enable', false);
      await session('off');
      await findings(document.uri);
      await set('paydown.enable', undefined);
      await session('running');
      await findings(document.uri, UNSEEDED);
      await closeAll();
    }
  ],
  [
    'without any Python it says so, and comes up as soon as there is one',
    async () => {
      await nextStart(() => vscode.commands.executeCommand('paydownStub.activate', ''));
      const { PATH } = process.env;
      await vscode.workspace.fs.rename(file('venv'), file('hidden'));
      process.env['PATH'] = '/nowhere';
      void vscode.commands.executeCommand('paydown.restart');
      const { state } = await session('failed');
      assert.match(state.why, /3\.11/);
      process.env['PATH'] = PATH;
      await vscode.workspace.fs.rename(file('hidden'), file('venv'));
      void vscode.commands.executeCommand('paydown.restart');
      await session('running');
    }
  ]
];

/** Waits for the server to be up anew after something that changes it. */
async function nextStart(change: () => Thenable<unknown>): Promise<void> {
  const { session: ours } = await api();
  let started = false;
  const subscription = ours.onDidChange(({ kind }) => {
    started ||= kind === 'starting';
  });
  await change();
  await until('a new start', [ours.onDidChange], () => started && ours.state.kind === 'running');
  subscription.dispose();
}

async function processId(): Promise<number> {
  const { client } = await session('running');
  return client?.serverProcess?.pid ?? assert.fail('there is no server process');
}
