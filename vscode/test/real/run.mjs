// Drives the packed extension in a real VS Code: `npm run -w vscode test:real`, from nothing.
// PAYDOWN_VSCODE_CACHE: where VS Code is kept between runs. PAYDOWN_CHECKS: a pattern of the names of checks to run.
// Arguments name the parts to run: inside, restricted, user. Pictures of the windows are left in dist/screenshots.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createVSIX } from '@vscode/vsce';
import { build } from 'esbuild';
import { checksFromInside } from './inside.mjs';
import { chromium } from './browser.mjs';
import { scenario } from './scenario.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const extension = path.resolve(here, '..', '..');
const cache =
  process.env.PAYDOWN_VSCODE_CACHE ??
  path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'paydown', 'vscode');
const work = mkdtempSync(path.join(tmpdir(), 'paydown-vscode-'));
const results = [];

/** Runs a step and says how long it took. */
async function timed(what, step) {
  const start = Date.now();
  const made = await step();
  console.log(`${what}: ${((Date.now() - start) / 1000).toFixed(1)} s`);
  return made;
}

const run = (command, args, options = {}) =>
  execFileSync(command, args, { stdio: ['ignore', 'inherit', 'inherit'], ...options });
/** Bundles and packs one of the extensions that the tests bring along. */
async function packHelper(name) {
  const folder = path.join(work, name);
  mkdirSync(folder);
  cpSync(path.join(here, name, 'package.json'), path.join(folder, 'package.json'));
  await build({
    entryPoints: [path.join(here, name, `${name}.ts`)],
    outfile: path.join(folder, `${name}.js`),
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['vscode']
  });
  const packagePath = path.join(work, `${name}.vsix`);
  await createVSIX({ cwd: folder, packagePath, dependencies: false, allowMissingRepository: true, skipLicense: true });
}

/** A Python environment without pip, made in a moment; `libraries` are on its path. */
function environment(folder, libraries) {
  run(process.env.PYTHON ?? 'python3', ['-m', 'venv', '--without-pip', folder]);
  if (libraries) {
    const code =
      'import sys, sysconfig; open(sysconfig.get_path("purelib") + "/libraries.pth", "w").write(sys.argv[1])';
    run(path.join(folder, 'bin', 'python'), ['-c', code, libraries]);
  }
  return path.join(folder, 'bin', 'python');
}

const asked = process.argv.slice(2);
const parts = [
  ['inside', 'checks from inside', (browser, setting) => checksFromInside(browser, setting, { trusted: true })],
  [
    'restricted',
    'checks in Restricted Mode',
    (browser, setting) => checksFromInside(browser, setting, { trusted: false })
  ],
  ['user', 'a user at work', scenario]
];

rmSync(path.join(extension, 'dist', 'screenshots'), { recursive: true, force: true });
let failed = 0;
try {
  await timed('setting up VS Code and Chromium', () => run('bash', [path.join(here, 'setup.sh'), cache]));
  await timed('packing', async () => {
    run('npm', ['run', 'package'], { cwd: extension, stdio: 'pipe' });
    await packHelper('driver');
    await packHelper('stub');
  });
  const setting = {
    cache,
    work,
    ours: path.join(extension, 'dist', 'paydown.vsix'),
    driver: path.join(work, 'driver.vsix'),
    stub: path.join(work, 'stub.vsix'),
    environment,
    environmentPython: environment(path.join(work, 'with-paydown'), path.join(extension, 'bundled', 'libs')),
    screenshots: path.join(extension, 'dist', 'screenshots')
  };
  const browser = await chromium();
  try {
    for (const [name, what, part] of parts) {
      if (!asked.length || asked.includes(name)) {
        results.push(...(await timed(what, () => part(browser, setting))));
      }
    }
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
