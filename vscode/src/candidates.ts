/** Where a Python might be, in the order in which it is asked. Knows nothing of VS Code, so that it can be tested alone. */

import * as path from 'node:path';

/** Where a candidate comes from; the log names it. */
export type Origin = 'setting' | 'python extension' | 'workspace' | 'environment variable' | 'PATH';

/** A command that may start a Python. */
export interface Candidate {
  readonly command: string;
  readonly args: readonly string[];
  readonly origin: Origin;
}

/** What the search may know of the machine. */
export interface Surroundings {
  readonly platform: NodeJS.Platform;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  readonly folders: readonly string[];
  readonly exists: (file: string) => boolean;
}

/** What the user has said. An untrusted workspace has no say in which program is started. */
export interface Wishes {
  readonly chosen: string;
  readonly active: string | undefined;
  readonly trusted: boolean;
}

const ENVIRONMENT_FOLDERS = ['.venv', 'venv', 'env', '.conda', path.join('.pixi', 'envs', 'default')];
const ENVIRONMENT_VARIABLES = ['VIRTUAL_ENV', 'CONDA_PREFIX'];
/** Newest last resort first: an old system `python3` must not hide a newer one beside it. */
const ON_PATH = ['python3', 'python', 'python3.14', 'python3.13', 'python3.12', 'python3.11'];

/** Every Python worth asking, the most wanted first, each once. */
export function candidates(wishes: Wishes, surroundings: Surroundings): Candidate[] {
  const seen = new Set<string>();
  return [...everyCandidate(wishes, surroundings)].filter(candidate => {
    const key = [candidate.command, ...candidate.args].join('\0');
    return !seen.has(key) && seen.add(key);
  });
}

function* everyCandidate({ chosen, active, trusted }: Wishes, surroundings: Surroundings): Iterable<Candidate> {
  if (chosen.trim()) {
    yield { command: expanded(chosen.trim(), surroundings), args: [], origin: 'setting' };
  }
  if (trusted) {
    if (active) {
      yield { command: active, args: [], origin: 'python extension' };
    }
    for (const folder of surroundings.folders) {
      for (const name of ENVIRONMENT_FOLDERS) {
        yield* inEnvironment(path.join(folder, name), 'workspace', surroundings);
      }
    }
    for (const variable of ENVIRONMENT_VARIABLES) {
      const prefix = surroundings.environment[variable];
      if (prefix) {
        yield* inEnvironment(prefix, 'environment variable', surroundings);
      }
    }
  }
  for (const command of ON_PATH) {
    yield { command, args: [], origin: 'PATH' };
  }
  if (surroundings.platform === 'win32') {
    yield { command: 'py', args: ['-3'], origin: 'PATH' };
  }
}

function* inEnvironment(prefix: string, origin: Origin, { platform, exists }: Surroundings): Iterable<Candidate> {
  for (const command of pythonsOf(prefix, platform)) {
    if (exists(command)) {
      yield { command, args: [], origin };
      return;
    }
  }
}

/** Where an environment's Python lies; on Windows a conda environment has it at its top. */
function pythonsOf(prefix: string, platform: NodeJS.Platform): string[] {
  return platform === 'win32'
    ? [path.join(prefix, 'Scripts', 'python.exe'), path.join(prefix, 'python.exe')]
    : [path.join(prefix, 'bin', 'python'), path.join(prefix, 'bin', 'python3')];
}

/** `~`, `${workspaceFolder}`, `${workspaceFolder:name}`, `${userHome}` and `${env:NAME}` as in other settings of VS Code. */
export function expanded(text: string, { environment, home, folders }: Surroundings): string {
  return text
    .replace(/^~(?=$|[\\/])/, () => home)
    .replace(
      /\$\{workspaceFolder:([^}]+)\}/g,
      (all, name) => folders.find(folder => path.basename(folder) === name) ?? all
    )
    .replace(/\$\{workspaceFolder\}/g, all => folders[0] ?? all)
    .replace(/\$\{userHome\}/g, () => home)
    .replace(/\$\{env:([^}]+)\}/g, (_, name: string) => environment[name] ?? '');
}
