// Resolves package-lock.json anew and takes every address out of it, so that it names no registry and no sponsor page.
// The date keeps the packages of JupyterLab, which are published one by one, to a set that belongs together.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

const before = process.argv[2] ?? '2026-10-20';
const { status } = spawnSync('npm', ['install', '--before', before], { stdio: 'inherit' });
if (status !== 0) {
  process.exit(status ?? 1);
}
const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
for (const entry of Object.values(lock.packages)) {
  delete entry.funding;
  if (!entry.link) {
    delete entry.resolved;
  }
}
const text = JSON.stringify(lock, null, 2) + '\n';
const address = /"[a-z]+:\/\/[^"]*"/.exec(text);
if (address) {
  console.error(`package-lock.json still has an address: ${address[0]}`);
  process.exit(1);
}
writeFileSync('package-lock.json', text);
