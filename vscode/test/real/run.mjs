// Drives the packed extension in a real VS Code: `npm run -w vscode test:real`, from nothing.
// PAYDOWN_VSCODE_CACHE: where VS Code is kept between runs. PAYDOWN_SCREENSHOTS: where pictures of the windows are left.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { checksFromInside } from './inside.mjs';
import { chromium } from './browser.mjs';
import { scenario } from './scenario.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const extension = path.resolve(here, '..', '..');
const cache = process.env.PAYDOWN_VSCODE_CACHE ?? path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'paydown', 'vscode');
const work = mkdtempSync(path.join(tmpdir(), 'paydown-vscode-'));
const results = [];

/** Runs a step and says how long it took. */
async function timed(what, step) {
  const start = Date.now();
  const made = await step();
  console.log(`${what}: ${((Date.now() - start) / 1000).toFixed(1)} s`);
  return made;
}

const run = (command, args, options = {}) => execFileSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options });
const vsce = fileURLToPath(import.meta.resolve('@vscode/vsce/vsce'));
const pack = (folder, target) =>
  run(process.execPath, [vsce, 'package', '--no-dependencies', '--allow-missing-repository', '--skip-license', '--out', target], {
    cwd: folder,
    stdio: 'pipe'
  });

/** A Python environment without pip, made in a moment; `libraries` are on its path. */
function environment(folder, libraries) {
  run(process.env.PYTHON ?? 'python3', ['-m', 'venv', '--without-pip', folder]);
  if (libraries) {
    const code = 'import sys, sysconfig; open(sysconfig.get_path("purelib") + "/libraries.pth", "w").write(sys.argv[1])';
    run(path.join(folder, 'bin', 'python'), ['-c', code, libraries]);
  }
  return path.join(folder, 'bin', 'python');
}

let failed = 0;
try {
  await timed('setting up VS Code and Chromium', () => run('bash', [path.join(here, 'setup.sh'), cache]));
  await timed('packing', async () => {
    run('npm', ['run', '--silent', 'package'], { cwd: extension });
    mkdirSync(path.join(work, 'driver'));
    await build({
      entryPoints: [path.join(here, 'driver', 'driver.ts')],
      outfile: path.join(work, 'driver', 'driver.js'),
      bundle: true,
      platform: 'node',
      format: 'cjs',
      external: ['vscode']
    });
    run('cp', [path.join(here, 'driver', 'package.json'), path.join(work, 'driver')]);
    pack(path.join(work, 'driver'), path.join(work, 'driver.vsix'));
    pack(path.join(here, 'stub'), path.join(work, 'stub.vsix'));
  });
  const setting = {
    cache,
    work,
    fixture: path.join(here, 'fixture'),
    ours: path.join(extension, 'dist', 'paydown.vsix'),
    driver: path.join(work, 'driver.vsix'),
    stub: path.join(work, 'stub.vsix'),
    environment,
    environmentPython: environment(path.join(work, 'with-paydown'), path.join(extension, 'bundled', 'libs')),
    screenshots: process.env.PAYDOWN_SCREENSHOTS ?? path.join(work, 'screenshots')
  };
  const browser = await chromium();
  try {
    results.push(...(await timed('checks from inside', () => checksFromInside(browser, setting, { trusted: true }))));
    results.push(...(await timed('checks in Restricted Mode', () => checksFromInside(browser, setting, { trusted: false }))));
    results.push(...(await timed('a user at work', () => scenario(browser, setting))));
  } finally {
    await browser.close();
  }
  failed = results.filter(({ error }) => error).length;
} finally {
  if (!process.env.PAYDOWN_KEEP) {
    rmSync(work, { recursive: true, force: true });
  }
}
console.log(`\n${results.length - failed} passed, ${failed} failed`);
process.exit(failed || !results.length ? 1 : 0);
