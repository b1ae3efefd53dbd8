// One VS Code with its own data, extensions and workspace.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';

const SETTINGS = {
  'telemetry.telemetryLevel': 'off',
  'git.enabled': false,
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'remote.autoForwardPorts': false,
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden', // newer ones show a chat there
  'workbench.enableExperiments': false,
  'files.autoSave': 'off',
  'chat.commandCenter.enabled': false,
  'chat.disableAIFeatures': true,
  'window.menuBarVisibility': 'compact'
};
/** What an environment that is too old answers. */
const OLD_PYTHON = '#!/bin/sh\necho \'{"version": [3, 9, 1], "executable": "", "paydown": false}\'\n';

/** Starts VS Code on a copy of the fixture; gives its address and a function that ends it. */
export async function startVSCode(
  { cache, work, environment },
  { name, fixture, extensions, settings = {}, variables = {} }
) {
  const home = path.join(work, name);
  const folder = path.join(home, 'customers');
  cpSync(new URL(fixture, import.meta.url), folder, { recursive: true });
  mkdirSync(path.join(folder, '.venv', 'bin'), { recursive: true });
  writeFileSync(path.join(folder, '.venv', 'bin', 'python'), OLD_PYTHON);
  chmodSync(path.join(folder, '.venv', 'bin', 'python'), 0o755);
  environment(path.join(folder, 'venv'));

  const data = path.join(home, 'data');
  mkdirSync(path.join(data, 'User'), { recursive: true });
  writeFileSync(path.join(data, 'User', 'settings.json'), JSON.stringify({ ...SETTINGS, ...settings }, null, 2));
  const server = path.join(cache, 'node_modules', '.bin', 'code-server');
  const places = ['--user-data-dir', data, '--extensions-dir', path.join(home, 'extensions')];
  // A home of its own: neither start-up files nor settings of whoever runs the tests have a say.
  const env = { ...process.env, ...variables, HOME: home, XDG_CONFIG_HOME: home, XDG_DATA_HOME: home };
  delete env.VIRTUAL_ENV;
  delete env.CONDA_PREFIX;
  execFileSync(server, [...places, ...extensions.flatMap(vsix => ['--install-extension', vsix])], {
    env,
    stdio: 'pipe'
  });

  const port = await freePort();
  const log = openSync(path.join(home, 'code-server.log'), 'w');
  const address = [
    '--auth',
    'none',
    '--bind-addr',
    `127.0.0.1:${port}`,
    '--disable-telemetry',
    '--disable-update-check'
  ];
  const running = spawn(server, [...places, ...address, folder], { env, stdio: ['ignore', log, log], detached: true });
  const url = `http://127.0.0.1:${port}/?folder=${encodeURIComponent(folder)}`;
  await answering(url, running);
  return { url, home, folder, data, stop: () => ended(running) };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

async function answering(url, running) {
  for (const deadline = Date.now() + 30_000; ;) {
    try {
      await fetch(url);
      return;
    } catch (error) {
      if (running.exitCode !== null || Date.now() > deadline) {
        throw error;
      }
      await new Promise(resolve => setTimeout(resolve, 50));
    }
  }
}

/** Ends the server with everything that it has started. */
function ended(running) {
  return new Promise(resolve => {
    running.once('exit', resolve);
    try {
      process.kill(-running.pid, 'SIGTERM');
    } catch {
      resolve();
    }
  });
}
