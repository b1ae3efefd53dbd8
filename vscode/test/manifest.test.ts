import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';

declare const PACKAGE: string;
const read = (...names: string[]): string => readFileSync(path.join(PACKAGE, ...names), 'utf8');
const manifest = read('package.json');
const contributes = JSON.parse(manifest).contributes;
const sources = readdirSync(path.join(PACKAGE, 'src'))
  .map(name => read('src', name))
  .join('\n');

describe('the manifest', () => {
  it('has a text for each of its keys, and no text too many', () => {
    const used = [...manifest.matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key).sort();
    assert.deepEqual([...new Set(used)], Object.keys(JSON.parse(read('package.nls.json'))).sort());
  });

  it('has the commands that the code registers', () => {
    const registered = [...sources.matchAll(/registerCommand\('([^']+)'/g)].map(([, name]) => name).sort();
    assert.deepEqual(contributes.commands.map(({ command }: { command: string }) => command).sort(), registered);
  });

  it('restricts in untrusted workspaces every setting that starts a program', () => {
    const { restrictedConfigurations } = JSON.parse(manifest).capabilities.untrustedWorkspaces;
    assert.deepEqual(restrictedConfigurations, ['paydown.interpreter', 'paydown.path', 'paydown.importStrategy']);
  });

  it('has its version and licence from the repository', () => {
    const version = /^version = "(.+)"$/m.exec(read('..', 'pyproject.toml'))?.[1];
    assert.equal(JSON.parse(manifest).version, version);
    assert.equal(read('LICENSE'), read('..', 'LICENSE'));
  });

  it('gives translators every string of the code', () => {
    execFileSync(process.execPath, [path.join(PACKAGE, 'scripts', 'l10n.mjs'), '--check'], { stdio: 'inherit' });
  });
});
