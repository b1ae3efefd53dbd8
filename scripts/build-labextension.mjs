// Builds the prebuilt JupyterLab extension: labextension/lib → src/paydown/labextension.
//
// The versions that an extension asks of JupyterLab come from a file of JupyterLab's own release, as ~4.6.4. Lowered to
// the first release of the same major version, one build runs without warnings on JupyterLab 4.2 and later and Notebook 7.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const extension = join(dirname(fileURLToPath(import.meta.url)), '..', 'labextension');
const resolve = createRequire(join(extension, 'package.json')).resolve;

const firstOfMajor = range => range.replace(/^[~^](\d+)\..*$/, '^$1.0.0');
const firstOfMajors = table =>
  Object.fromEntries(
    Object.entries(table ?? {}).map(([name, range]) => [
      name,
      name.startsWith('@jupyter') ? firstOfMajor(range) : range
    ])
  );

const core = JSON.parse(readFileSync(resolve('@jupyterlab/core-meta/core.package.json'), 'utf8'));
const scratch = mkdtempSync(join(tmpdir(), 'paydown-'));
const coreFile = join(scratch, 'core.package.json');
writeFileSync(
  coreFile,
  JSON.stringify({
    ...core,
    dependencies: firstOfMajors(core.dependencies),
    resolutions: firstOfMajors(core.resolutions)
  })
);
const builder = join(dirname(resolve('@jupyter/builder/package.json')), 'lib', 'build-labextension.js');
const { status } = spawnSync(
  process.execPath,
  [builder, '--core-package-file', coreFile, ...process.argv.slice(2), extension],
  { stdio: 'inherit' }
);
rmSync(scratch, { recursive: true });
process.exit(status ?? 1);
