import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Candidate } from '../src/candidates';
import { launches, nothingFound, type Circumstances, type Launch } from '../src/launch';
import type { Interpreter, Outcome } from '../src/probe';

const at = (command: string): Candidate => ({ command, args: [], origin: 'PATH' });
const done: Outcome = { code: 0, stdout: 'paydown 1.2.3', stderr: '' };

/** A machine whose Pythons are these; those that are not named don't exist. */
function circumstances(
  pythons: Record<string, Partial<Interpreter>>,
  more: Partial<Circumstances> = {}
): Circumstances {
  return {
    custom: [],
    strategy: 'fromEnvironment',
    trusted: true,
    candidates: async () => [at('first'), at('second')],
    tool: '/extension/tool',
    probe: async candidate => {
      const python = pythons[candidate.command];
      return python
        ? { command: candidate.command, args: [], version: '3.11.2', hasPaydown: false, ...python }
        : { candidate, reason: 'not found' };
    },
    run: async () => done,
    log: () => undefined,
    ...more
  };
}

async function found(where: Circumstances): Promise<[Launch['server'], string, ...string[]][]> {
  const ways = await launches(where);
  return nothingFound(ways)
    ? assert.fail('nothing was found')
    : ways.map(({ server, command, args }) => [server, command, ...args]);
}

describe('how the server is started', () => {
  it('from the environment that has it, with the bundled one behind', async () => {
    assert.deepEqual(await found(circumstances({ first: { hasPaydown: true } })), [
      ['environment', 'first', '-m', 'paydown_lsp'],
      ['bundled', 'first', '/extension/tool/serve.py']
    ]);
  });

  it('bundled where the environment has none, or is not to be used, or is not trusted', async () => {
    const bundled = [['bundled', 'first', '/extension/tool/serve.py']];
    assert.deepEqual(await found(circumstances({ first: {} })), bundled);
    assert.deepEqual(await found(circumstances({ first: { hasPaydown: true } }, { strategy: 'useBundled' })), bundled);
    assert.deepEqual(await found(circumstances({ first: { hasPaydown: true } }, { trusted: false })), bundled);
  });

  it('bundled where the installed one does not start', async () => {
    const run = async (): Promise<Outcome> => ({ code: 1, stdout: '', stderr: 'Traceback…\nImportError: attrs' });
    const lines: string[] = [];
    const ways = await found(circumstances({ first: { hasPaydown: true } }, { run, log: line => lines.push(line) }));
    assert.deepEqual(ways, [['bundled', 'first', '/extension/tool/serve.py']]);
    assert.match(lines.at(-1) ?? '', /ImportError: attrs/);
  });

  it('with the next Python where the first will not do', async () => {
    assert.deepEqual(await found(circumstances({ second: {} })), [['bundled', 'second', '/extension/tool/serve.py']]);
  });

  it('with a word about the interpreter of the settings, where another stands in', async () => {
    const chosen = async (): Promise<readonly Candidate[]> => [{ ...at('first'), origin: 'setting' }, at('second')];
    const ways = await launches(circumstances({ second: {} }, { candidates: chosen }));
    assert.ok(!nothingFound(ways));
    assert.equal(ways[0]?.complaint, 'first: not found');
    const others = await launches(circumstances({ second: {} }));
    assert.ok(!nothingFound(others));
    assert.equal(others[0]?.complaint, undefined);
  });

  it('with the command of the user, asking nobody, unless the workspace is not trusted', async () => {
    const probe = (): never => assert.fail('a Python was asked');
    const custom = ['uvx', 'paydown-lsp'];
    assert.deepEqual(await found(circumstances({}, { custom, probe })), [['custom', 'uvx', 'paydown-lsp']]);
    assert.deepEqual(await found(circumstances({ first: {} }, { custom, trusted: false })), [
      ['bundled', 'first', '/extension/tool/serve.py']
    ]);
  });

  it('not at all without a Python, and says what was tried', async () => {
    const ways = await launches(circumstances({}));
    assert.ok(nothingFound(ways));
    assert.deepEqual(
      ways.map(({ candidate, reason }) => [candidate.command, reason]),
      [
        ['first', 'not found'],
        ['second', 'not found']
      ]
    );
  });
});
