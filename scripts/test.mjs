// Sets everything up and runs every check: npm test
// Parts by name: npm test -- python node browser vscode
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { nodePackages, program, python, root, run, venv } from './setup.mjs';

const chosen = process.argv.slice(2);
const env = { ...process.env, PYTHON: program('python'), PAYDOWN_JUPYTER: program('jupyter') };
delete env.VIRTUAL_ENV;
const began = Date.now();

function step(part, title, action) {
  if (chosen.length && !chosen.includes(part)) {
    return;
  }
  const start = Date.now();
  console.log(`\n── ${title} ──`);
  action();
  console.log(`   ${title}: ${((Date.now() - start) / 1000).toFixed(0)} s`);
}

function chromium() {
  const path = process.env.CHROMIUM ?? '/usr/bin/chromium';
  if (existsSync(path)) {
    return;
  }
  if (process.getuid?.() === 0 && spawnSync('apt-get', ['--version']).status === 0) {
    run('apt-get', ['update', '-qq']);
    run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium']);
    return;
  }
  console.error('The browser tests need Chromium: install it, or name it in the environment variable CHROMIUM.');
  process.exit(1);
}

nodePackages();
python('test,lab');

step('python', 'Lint of the Python code', () => {
  run(program('ruff'), ['check', '.']);
  run(program('ruff'), ['format', '--check', '.']);
});
step('python', 'Types of the Python code', () => run(program('mypy'), ['src/paydown', 'lsp_server/paydown_lsp']));
step('python', 'Python tests', () => run(program('pytest'), ['-n', '2', 'tests'], { env }));
step('python', 'The installed wheel', () => {
  run(program('paydown'), ['check', '--exit-zero', 'docs/demo']);
  run(program('jupyter'), ['labextension', 'list']);
  run(program('jupyter'), ['server', 'extension', 'list']);
  run(program('jupyter'), [
    'nbconvert',
    '--to',
    'paydown',
    '--output-dir',
    join(venv, 'report'),
    'docs/demo/churn.ipynb'
  ]);
});
step('node', 'Lint and types of the TypeScript code', () => {
  run('npm', ['run', '--silent', 'lint']);
  run('npm', ['run', '--silent', 'typecheck']);
  run('npm', ['test', '--silent', '--workspace', 'labextension']);
});
step('browser', 'JupyterLab in a real browser', () => {
  chromium();
  run('node', ['--test', '--test-concurrency=1', 'lab.test.mjs', 'notebook.test.mjs'], {
    cwd: join(root, 'tests', 'browser'),
    env
  });
});
step('vscode', 'The VS Code extension', () => {
  run('npm', ['run', '--silent', 'lint', '--workspace', 'vscode']);
  run('npm', ['run', '--silent', 'typecheck', '--workspace', 'vscode']);
  run('npm', ['test', '--silent', '--workspace', 'vscode'], { env });
});
step('vscode', 'A real VS Code', () => {
  chromium();
  run('npm', ['run', '--silent', 'test:real', '--workspace', 'vscode'], { env });
});
console.log(`\nAll checks passed in ${((Date.now() - began) / 60000).toFixed(1)} min.`);
