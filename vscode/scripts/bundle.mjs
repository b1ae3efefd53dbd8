// Fills bundled/libs: paydown itself and the pure-Python libraries of its server, for machines where it isn't installed.
import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const extension = fileURLToPath(new URL('..', import.meta.url));
const repository = path.dirname(path.resolve(extension));
const libs = path.join(extension, 'bundled', 'libs');
const python = process.env.PYTHON ?? (process.platform === 'win32' ? 'python' : 'python3');

rmSync(libs, { recursive: true, force: true });
execFileSync(
  python,
  [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--no-deps',
    '--no-compile',
    '--target',
    libs
  ].concat(['--requirement', path.join(extension, 'bundled', 'requirements.txt')]),
  { stdio: 'inherit' }
);

// PyYAML does without its compiled half; scripts and caches are nobody's.
const needless = /\.(so|pyd|dylib|pyc)$|[\\/](__pycache__|bin|_yaml)$/;
for (const name of readdirSync(libs, { recursive: true })) {
  if (needless.test(`${path.sep}${name}`)) {
    rmSync(path.join(libs, name), { recursive: true, force: true });
  }
}

const ours = source => !/(__pycache__|[\\/]paydown[\\/]labextension)$/.test(source);
for (const source of ['src/paydown', 'lsp_server/paydown_lsp']) {
  cpSync(path.join(repository, source), path.join(libs, path.basename(source)), { recursive: true, filter: ours });
}
