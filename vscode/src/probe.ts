/** Asks a program whether it is a Python that can run paydown. */

import { execFile } from 'node:child_process';
import type { Candidate } from './candidates';

/** The oldest Python that paydown runs on. */
export const OLDEST = [3, 11] as const;
const PATIENCE_MS = 15_000;

/** A Python that answered and is new enough. */
export interface Interpreter {
  readonly command: string;
  readonly args: readonly string[];
  readonly version: string;
  /** Its environment has paydown's language server. */
  readonly hasPaydown: boolean;
}

/** Why a candidate won't do. */
export interface Refusal {
  readonly candidate: Candidate;
  readonly reason: string;
}

/** The end of a program that was run to its end. */
export interface Outcome {
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export type Run = (command: string, args: readonly string[], directory: string) => Promise<Outcome>;

/** Runs a program without a shell, in a folder that isn't the user's: nothing there can shadow a module. */
export const run: Run = (command, args, directory) =>
  new Promise(resolve => {
    const options = { cwd: directory, timeout: PATIENCE_MS, windowsHide: true, env: safeEnvironment() };
    execFile(command, args, options, (error, stdout, stderr) => {
      const code = error ? (error.killed ? 'no answer in time' : (error.code ?? 'killed')) : 0;
      resolve({ code, stdout, stderr });
    });
  });

/** The environment with the switch that keeps the current folder off Python's module path. */
export function safeEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, PYTHONSAFEPATH: '1' };
}

/** Runs `probe.py` under the candidate. */
export async function probe(
  candidate: Candidate,
  script: string,
  directory: string,
  ask: Run = run
): Promise<Interpreter | Refusal> {
  const { code, stdout, stderr } = await ask(candidate.command, [...candidate.args, script], directory);
  if (code === 'ENOENT') {
    return { candidate, reason: 'not found' };
  }
  if (code !== 0) {
    return { candidate, reason: `${code}: ${lastLine(stderr)}` };
  }
  const answer = parsed(stdout);
  if (!answer) {
    return { candidate, reason: 'does not answer like a Python' };
  }
  const version = answer.version.join('.');
  const [major = 0, minor = 0] = answer.version;
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    return { candidate, reason: `Python ${version} is older than ${OLDEST.join('.')}` };
  }
  return {
    command: answer.executable || candidate.command,
    args: answer.executable ? [] : candidate.args,
    version,
    hasPaydown: answer.paydown
  };
}

export function isRefusal(answer: Interpreter | Refusal): answer is Refusal {
  return 'reason' in answer;
}

interface Answer {
  readonly version: readonly number[];
  readonly executable: string;
  readonly paydown: boolean;
}

function parsed(stdout: string): Answer | undefined {
  try {
    const answer = JSON.parse(lastLine(stdout)) as Partial<Answer> | null;
    return answer && Array.isArray(answer.version) ? (answer as Answer) : undefined;
  } catch {
    return undefined;
  }
}

/** Start-up files of an environment may print; what was asked for comes last. */
export function lastLine(text: string): string {
  return text.trim().split(/\r?\n/).at(-1) ?? '';
}
