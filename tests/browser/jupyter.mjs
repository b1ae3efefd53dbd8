import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { until } from './until.mjs';

/** The `jupyter` of the environment under test. */
const JUPYTER = process.env.PAYDOWN_JUPYTER ?? join('..', '..', '.venv', 'bin', 'jupyter');
const TOKEN = 'a-token-for-tests';

/** Settings that keep JupyterLab from asking questions. */
const SETTINGS = {
  '@jupyterlab/apputils-extension/notification': { fetchNews: 'false', checkForUpdates: false },
  '@jupyterlab/docmanager-extension/plugin': { autosave: false }
};

/**
 * A notebook of the given cells: text, or text with the count of its last run, or Markdown.
 *
 * @param {(string | { source: string, count?: number, markdown?: boolean })[]} cells
 * @param {{ language?: string }} options
 */
export function notebook(cells, { language = 'python' } = {}) {
  const name = language === 'python' ? 'python3' : 'ir';
  return JSON.stringify({
    cells: cells.map((cell, index) => {
      const {
        source,
        count = null,
        markdown = false
      } = typeof cell === 'string' ? { source: cell } : /** @type {any} */ (cell);
      const code = markdown ? {} : { execution_count: count, outputs: [] };
      return { cell_type: markdown ? 'markdown' : 'code', id: `cell-${index}`, metadata: {}, source, ...code };
    }),
    metadata: { kernelspec: { display_name: language, language, name }, language_info: { name: language } },
    nbformat: 4,
    nbformat_minor: 5
  });
}

/**
 * Start a Jupyter server on a folder with the given files.
 *
 * @param {{ app: 'lab' | 'notebook', baseUrl: string, files: Record<string, string> }} options
 */
export async function startJupyter({ app, baseUrl, files }) {
  const home = mkdtempSync(join(tmpdir(), 'paydown-jupyter-'));
  const root = join(home, 'work');
  const settings = join(home, 'settings');
  for (const [path, text] of Object.entries(files)) {
    write(join(root, path), text);
  }
  for (const [name, value] of Object.entries(SETTINGS)) {
    write(join(settings, `${name}.jupyterlab-settings`), JSON.stringify(value));
  }
  const port = await freePort();
  const server = spawn(
    JUPYTER,
    [
      app,
      '--no-browser',
      '--allow-root',
      `--ServerApp.port=${port}`,
      '--ServerApp.port_retries=0',
      `--ServerApp.base_url=${baseUrl}`,
      `--ServerApp.root_dir=${root}`,
      `--IdentityProvider.token=${TOKEN}`,
      '--LabApp.expose_app_in_browser=True',
      '--JupyterNotebookApp.expose_app_in_browser=True'
    ],
    {
      env: {
        ...process.env,
        JUPYTER_CONFIG_DIR: join(home, 'config'),
        JUPYTER_DATA_DIR: join(home, 'data'),
        JUPYTER_RUNTIME_DIR: join(home, 'runtime'),
        JUPYTERLAB_SETTINGS_DIR: settings,
        JUPYTERLAB_WORKSPACES_DIR: join(home, 'workspaces')
      }
    }
  );
  const lines = /** @type {string[]} */ ([]);
  for (const stream of [server.stdout, server.stderr]) {
    stream.setEncoding('utf8').on('data', text => lines.push(text));
  }
  server.once('error', error => lines.push(`${JUPYTER}: ${error.message} (it is named in PAYDOWN_JUPYTER)`));
  const ended = new Promise(resolve => {
    server.once('exit', resolve);
    server.once('error', resolve);
  });
  const base = `http://127.0.0.1:${port}${baseUrl}`;
  const stop = async () => {
    server.kill();
    await ended;
    rmSync(home, { recursive: true, force: true });
  };
  try {
    const answers = until('the Jupyter server answers', async () => {
      return (await fetch(`${base}api/status?token=${TOKEN}`)).ok;
    });
    const gone = ended.then(() => Promise.reject(new Error(`the Jupyter server ended: ${lines.join('')}`)));
    await Promise.race([answers, gone]);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    root,
    stop,
    log: () => lines.join(''),
    /** @param {string} path */
    url: path => `${base}${path}${path.includes('?') ? '&' : '?'}token=${TOKEN}`,
    /** The language servers it runs, by process id. */
    languageServers: () => languageServersOf(server.pid ?? 0),
    /**
     * The status that a websocket upgrade of paydown's handler is answered with.
     *
     * @param {Record<string, string>} headers
     */
    upgrade: (headers = {}) => upgrade(port, `${baseUrl}paydown/lsp`, headers),
    token: TOKEN
  };
}

/** @typedef {Awaited<ReturnType<typeof startJupyter>>} Jupyter */

/**
 * @param {string} path
 * @param {string} text
 */
function write(path, text) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** @param {number} parent */
function languageServersOf(parent) {
  const table = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' });
  return table
    .split('\n')
    .map(line => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .filter(row => row && Number(row[2]) === parent && row[3]?.includes('paydown_lsp'))
    .map(row => Number(row?.[1]));
}

/**
 * @param {number} port
 * @param {string} path
 * @param {Record<string, string>} headers
 * @returns {Promise<number>}
 */
function upgrade(port, path, headers) {
  return new Promise((resolve, reject) => {
    const asked = request({
      host: '127.0.0.1',
      port,
      path,
      headers: {
        Connection: 'Upgrade',
        Upgrade: 'websocket',
        'Sec-WebSocket-Version': '13',
        'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
        ...headers
      }
    });
    asked.on('upgrade', (response, socket) => {
      socket.destroy();
      resolve(response.statusCode ?? 0);
    });
    asked.on('response', response => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asked.on('error', reject);
    asked.end();
  });
}
