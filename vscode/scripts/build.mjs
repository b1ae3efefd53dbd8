// Bundles the extension into dist/extension.js; with --tests also the unit tests; with --production without source map.
import { readdir, rm } from 'node:fs/promises';
import { build } from 'esbuild';

const here = path => new URL(`../${path}`, import.meta.url).pathname;
const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  external: ['vscode'],
  logLevel: 'warning'
};
const production = process.argv.includes('--production');

await build({
  ...common,
  entryPoints: [here('src/extension.ts')],
  outfile: here('dist/extension.js'),
  minify: production,
  sourcemap: !production
});

if (process.argv.includes('--tests')) {
  await rm(here('dist/test'), { recursive: true, force: true });
  const tests = (await readdir(here('test'))).filter(name => name.endsWith('.test.ts'));
  await build({
    ...common,
    entryPoints: tests.map(name => here(`test/${name}`)),
    outdir: here('dist/test'),
    outExtension: { '.js': '.cjs' },
    sourcemap: 'inline',
    define: { PACKAGE: JSON.stringify(here('.')) }
  });
}
