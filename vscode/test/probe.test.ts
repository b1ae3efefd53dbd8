import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { Candidate } from '../src/candidates';
import { isRefusal, probe, run, type Outcome } from '../src/probe';

declare const PACKAGE: string;
const TOOL = path.join(PACKAGE, 'bundled', 'tool');
const SCRIPT = path.join(TOOL, 'probe.py');
const python: Candidate = { command: process.env['PYTHON'] ?? 'python3', args: [], origin: 'PATH' };

const answering = (outcome: Partial<Outcome>) => async () => ({ code: 0, stdout: '', stderr: '', ...outcome });
const reason = async (outcome: Partial<Outcome>): Promise<string> => {
  const answer = await probe(python, SCRIPT, TOOL, answering(outcome));
  return isRefusal(answer) ? answer.reason : assert.fail('it was taken');
};
const saying = (version: number[], more = {}): string =>
  JSON.stringify({ version, executable: '/usr/bin/python3', paydown: false, ...more });

describe('what a Python is asked', () => {
  it('a real one tells its version and its own file', async () => {
    const answer = await probe(python, SCRIPT, TOOL);
    assert.ok(!isRefusal(answer), isRefusal(answer) ? answer.reason : '');
    assert.match(answer.version, /^3\.\d+\.\d+$/);
    assert.ok(path.isAbsolute(answer.command));
  });

  it('modules in the current folder shadow nothing', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'paydown-'));
    writeFileSync(path.join(folder, 'json.py'), 'raise SystemExit("shadowed")');
    const { code, stderr } = await run(python.command, ['-m', 'json.tool', '--help'], folder);
    assert.equal(code, 0, stderr);
  });

  it('what is no program, or no Python, is refused with the reason', async () => {
    const nowhere = await probe({ ...python, command: '/nowhere/python' }, SCRIPT, TOOL);
    assert.equal(isRefusal(nowhere) && nowhere.reason, 'not found');
    assert.equal(
      await reason({ code: 9009, stderr: 'Python was not found; run without arguments…' }),
      '9009: Python was not found; run without arguments…'
    );
    assert.equal(await reason({ stdout: 'hello' }), 'does not answer like a Python');
    assert.equal(await reason({ stdout: 'null' }), 'does not answer like a Python');
  });

  it('an old one is refused', async () => {
    assert.equal(await reason({ stdout: saying([3, 10, 14]) }), 'Python 3.10.14 is older than 3.11');
    assert.equal(await reason({ stdout: saying([2, 7, 18]) }), 'Python 2.7.18 is older than 3.11');
    assert.ok(!isRefusal(await probe(python, SCRIPT, TOOL, answering({ stdout: saying([3, 11, 0]) }))));
  });

  it('what an environment prints at its start does not matter', async () => {
    const stdout = `activating…\r\n${saying([3, 12, 1], { paydown: true })}\r\n`;
    const answer = await probe(python, SCRIPT, TOOL, answering({ stdout }));
    assert.ok(!isRefusal(answer) && answer.hasPaydown);
  });

  it('a launcher is followed to the Python that it starts', async () => {
    const launcher: Candidate = { command: 'py', args: ['-3'], origin: 'PATH' };
    const answer = await probe(launcher, SCRIPT, TOOL, answering({ stdout: saying([3, 13, 0]) }));
    assert.ok(!isRefusal(answer));
    assert.deepEqual([answer.command, answer.args], ['/usr/bin/python3', []]);
  });
});
