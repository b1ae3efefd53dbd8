/** Runs inside VS Code: opens scripts and notebooks, and checks what paydown shows and does there. */

import { appendFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { checks } from './checks';
import { checksInRestrictedMode } from './restricted';

/** Each check leaves a line of JSON in the report; the last line says that it's done. */
export async function activate(): Promise<void> {
  const report = process.env['PAYDOWN_REPORT'];
  if (!report) {
    return;
  }
  const tell = (line: object): void => appendFileSync(report, `${JSON.stringify(line)}\n`);
  const wanted = new RegExp(process.env['PAYDOWN_CHECKS'] ?? '');
  try {
    for (const [name, check] of vscode.workspace.isTrusted ? checks : checksInRestrictedMode) {
      if (!wanted.test(name)) {
        continue;
      }
      const start = Date.now();
      try {
        await check();
        tell({ name, milliseconds: Date.now() - start });
      } catch (error) {
        tell({ name, milliseconds: Date.now() - start, error: error instanceof Error ? error.stack : String(error) });
      }
    }
  } finally {
    tell({ done: true });
  }
}
