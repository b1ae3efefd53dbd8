import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { candidates, expanded, type Wishes } from '../src/candidates';
import { machine } from './surroundings';

const wishes: Wishes = { chosen: '', active: undefined, trusted: true };
const commands = (...found: Parameters<typeof candidates>): string[] =>
  candidates(...found).map(({ command }) => command);

describe('where a Python is looked for', () => {
  it('asks the setting, the Python extension, the workspace, the shell and the path, in this order', () => {
    const files = ['/projects/churn/.venv/bin/python', '/projects/churn/venv/bin/python', '/opt/conda/bin/python'];
    const environment = { CONDA_PREFIX: '/opt/conda' };
    const found = candidates(
      { ...wishes, chosen: '/opt/py/bin/python', active: '/envs/a/bin/python' },
      machine(files, { environment })
    );
    assert.deepEqual(
      found.slice(0, 6).map(({ command, origin }) => [command, origin]),
      [
        ['/opt/py/bin/python', 'setting'],
        ['/envs/a/bin/python', 'python extension'],
        ['/projects/churn/.venv/bin/python', 'workspace'],
        ['/projects/churn/venv/bin/python', 'workspace'],
        ['/opt/conda/bin/python', 'environment variable'],
        ['python3', 'PATH']
      ]
    );
  });

  it('starts nothing of an untrusted workspace, whatever the shell says', () => {
    const environment = { VIRTUAL_ENV: '/projects/churn/.venv' };
    const surroundings = machine(['/projects/churn/.venv/bin/python'], { environment });
    const found = candidates({ ...wishes, active: '/projects/churn/.venv/bin/python', trusted: false }, surroundings);
    assert.ok(found.every(({ origin }) => origin === 'PATH'));
    assert.equal(found[0]?.command, 'python3');
  });

  it('looks into every folder of the workspace', () => {
    const surroundings = machine(['/b/env/bin/python3'], { folders: ['/a', '/b'] });
    assert.equal(commands(wishes, surroundings)[0], '/b/env/bin/python3');
  });

  it('names a Python once that two places know', () => {
    const surroundings = machine(['/projects/churn/.venv/bin/python'], {
      environment: { VIRTUAL_ENV: '/projects/churn/.venv' }
    });
    const found = commands({ ...wishes, active: '/projects/churn/.venv/bin/python' }, surroundings);
    assert.equal(found.filter(command => command === '/projects/churn/.venv/bin/python').length, 1);
  });

  it('ends with the launcher on Windows, and only there', () => {
    const last = candidates(wishes, machine([], { platform: 'win32' })).at(-1);
    assert.deepEqual([last?.command, last?.args], ['py', ['-3']]);
    assert.ok(!commands(wishes, machine()).includes('py'));
  });

  it('fills in what settings of VS Code may name', () => {
    const surroundings = machine([], {
      environment: { ENVS: '/envs' },
      folders: ['/projects/churn', '/projects/shared']
    });
    assert.equal(expanded('~/py', surroundings), '/home/ann/py');
    assert.equal(expanded('${workspaceFolder}/py', surroundings), '/projects/churn/py');
    assert.equal(expanded('${workspaceFolder:shared}/py', surroundings), '/projects/shared/py');
    assert.equal(expanded('${env:ENVS}/py', surroundings), '/envs/py');
    assert.equal(expanded('${userHome}/a~b', surroundings), '/home/ann/a~b');
    assert.equal(expanded('${workspaceFolder}/py', machine([], { folders: [] })), '${workspaceFolder}/py');
  });
});
