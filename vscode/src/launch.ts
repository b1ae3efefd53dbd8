/** Decides how the language server is started. Knows nothing of VS Code, so that it can be tested alone. */

import * as path from 'node:path';
import type { Candidate } from './candidates';
import { isRefusal, lastLine, type Interpreter, type Refusal, type Run } from './probe';

export type ImportStrategy = 'fromEnvironment' | 'useBundled';

/** One way of starting the server. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  /** Which server it is: the user's own command, the environment's paydown, or the one shipped with the extension. */
  readonly server: 'custom' | 'environment' | 'bundled';
  readonly interpreter: Interpreter | undefined;
  /** Why the interpreter that the user chose was passed over, if it was. */
  readonly complaint?: string;
}

/** What a decision needs. */
export interface Circumstances {
  readonly custom: readonly string[];
  readonly strategy: ImportStrategy;
  readonly trusted: boolean;
  readonly candidates: () => Promise<readonly Candidate[]>;
  /** Folder of `serve.py` and `probe.py`. */
  readonly tool: string;
  readonly probe: (candidate: Candidate) => Promise<Interpreter | Refusal>;
  readonly run: Run;
  readonly log: (line: string) => void;
}

/** The ways to start the server, best first: a later one is for when an earlier one dies at its start. */
export async function launches(circumstances: Circumstances): Promise<Launch[] | readonly Refusal[]> {
  const { custom, trusted, tool } = circumstances;
  const [command, ...args] = custom;
  if (trusted && command) {
    return [{ command, args, server: 'custom', interpreter: undefined }];
  }
  const refusals: Refusal[] = [];
  for (const candidate of await circumstances.candidates()) {
    const answer = await circumstances.probe(candidate);
    if (isRefusal(answer)) {
      circumstances.log(`${candidate.command} (${candidate.origin}): ${answer.reason}`);
      refusals.push(answer);
      continue;
    }
    circumstances.log(`${candidate.command} (${candidate.origin}): Python ${answer.version}`);
    const ways = [...(await environmentLaunch(answer, circumstances)), bundledLaunch(answer, tool)];
    const chosen = refusals.find(refusal => refusal.candidate.origin === 'setting');
    return chosen ? ways.map(way => ({ ...way, complaint: `${chosen.candidate.command}: ${chosen.reason}` })) : ways;
  }
  return refusals;
}

/** Whether no way was found, only reasons. */
export function nothingFound(found: Launch[] | readonly Refusal[]): found is readonly Refusal[] {
  return found.every(item => 'reason' in item);
}

async function environmentLaunch(
  interpreter: Interpreter,
  { strategy, trusted, tool, run, log }: Circumstances
): Promise<Launch[]> {
  if (strategy !== 'fromEnvironment' || !trusted || !interpreter.hasPaydown) {
    return [];
  }
  const args = [...interpreter.args, '-m', 'paydown_lsp'];
  const { code, stdout, stderr } = await run(interpreter.command, [...args, '--version'], tool);
  if (code !== 0) {
    log(
      `paydown is installed in ${interpreter.command} but does not start (${lastLine(stderr)}): the bundled server stands in`
    );
    return [];
  }
  log(`${interpreter.command} has ${lastLine(stdout)}`);
  return [{ command: interpreter.command, args, server: 'environment', interpreter }];
}

function bundledLaunch(interpreter: Interpreter, tool: string): Launch {
  const args = [...interpreter.args, path.join(tool, 'serve.py')];
  return { command: interpreter.command, args, server: 'bundled', interpreter };
}
