// What a fresh machine needs: node's packages, the wheel with the built JupyterLab extension, a virtual environment with it.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
export const venv = join(root, '.venv');
const windows = process.platform === 'win32';

/** A program of the virtual environment. */
export const program = name => join(venv, windows ? 'Scripts' : 'bin', windows ? `${name}.exe` : name);

/** Run a command and wait; the process ends with its status if it fails. */
export function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', shell: windows, ...options });
  if (error) {
    console.error(`${command}: ${error.message}`);
  }
  if (status !== 0) {
    console.error(`\n${command} ${args.join(' ')} failed.`);
    process.exit(status ?? 1);
  }
}

/** Do something when what it depends on has changed since the last time. */
function once(name, files, action) {
  const mark = join(root, 'node_modules', `.paydown-${name}`);
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(readFileSync(join(root, file)));
  }
  const digest = hash.digest('hex');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === digest) {
    return;
  }
  action();
  mkdirSync(dirname(mark), { recursive: true });
  writeFileSync(mark, digest);
}

function newest(folder) {
  let latest = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    if (entry.isFile() && !path.includes('__pycache__') && !path.includes(`${join('paydown', 'labextension')}`)) {
      latest = Math.max(latest, statSync(path).mtimeMs);
    }
  }
  return latest;
}

/** Install node's packages as the lock file has them. */
export function nodePackages() {
  once('packages', ['package-lock.json'], () => {
    console.log('Installing node packages …');
    run('npm', ['ci', '--no-audit', '--no-fund']);
  });
}

/** Build the wheel, and install it with `extras` into .venv. */
export function python(extras) {
  const interpreter = process.env.PYTHON ?? (windows ? 'python' : 'python3');
  if (!existsSync(program('python'))) {
    console.log('Creating .venv …');
    run(interpreter, ['-m', 'venv', venv]);
  }
  const pip = ['-m', 'pip', '--disable-pip-version-check', '--quiet'];
  const wheels = join(root, 'dist');
  const built = existsSync(wheels) ? readdirSync(wheels).filter(name => name.endsWith('.whl')) : [];
  const age = built.length ? statSync(join(wheels, built[0])).mtimeMs : 0;
  const sources = [
    'src',
    'lsp_server',
    join('labextension', 'src'),
    join('labextension', 'style'),
    join('labextension', 'schema')
  ];
  const fresh = Math.max(
    statSync(join(root, 'pyproject.toml')).mtimeMs,
    ...sources.map(one => newest(join(root, one)))
  );
  if (fresh > age) {
    console.log('Building the wheel …');
    run('npm', ['run', '--silent', 'build']);
    rmSync(wheels, { recursive: true, force: true });
    run(program('python'), [...pip, 'wheel', '--no-deps', '--wheel-dir', wheels, '.']);
  }
  const wheel = join(
    wheels,
    readdirSync(wheels).find(name => name.endsWith('.whl'))
  );
  console.log(`Installing paydown with ${extras} …`);
  // The versions are held, so that a release of somebody else's breaks no check of ours.
  run(program('python'), [...pip, 'install', '-c', join('tests', 'constraints.txt'), `${wheel}[${extras}]`]);
  run(program('python'), [...pip, 'install', '--no-deps', '--force-reinstall', wheel]);
}
