// Runs the driver extension in a window, and reports what it reports.
import { mkdirSync, readFileSync, watch, writeFileSync } from 'node:fs';
import path from 'node:path';
import { clearTimeout, setTimeout } from 'node:timers';
import { startVSCode } from './window.mjs';

/** Only for a driver that hangs: a machine with other work takes five times as long as an idle one. */
const PATIENCE_MS = 900_000;

export async function checksFromInside(browser, setting, { trusted }) {
  const name = trusted ? 'inside' : 'restricted';
  const report = path.join(setting.work, `${name}.jsonl`);
  writeFileSync(report, '');
  const code = await startVSCode(setting, {
    name,
    fixture: 'churn',
    extensions: [setting.ours, setting.driver, setting.stub],
    settings: { 'security.workspace.trust.enabled': !trusted, 'security.workspace.trust.startupPrompt': 'never' },
    variables: { PAYDOWN_REPORT: report, PAYDOWN_ENVIRONMENT_PYTHON: setting.environmentPython }
  });
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  try {
    await page.goto(code.url);
    const results = await finished(report, page);
    if (results.some(({ error }) => error)) {
      mkdirSync(setting.screenshots, { recursive: true });
      await page.screenshot({ path: path.join(setting.screenshots, `${name}.png`) });
    }
    return results;
  } finally {
    await page.close();
    await code.stop();
  }
}

/** The driver's lines, shown as they come, until the one that says that it's done. */
function finished(report) {
  return new Promise(resolve => {
    const results = [];
    let shown = 0;
    const end = error => {
      clearTimeout(timer);
      watcher.close();
      if (error) {
        results.push({ name: 'the driver', error });
        tell(results.at(-1));
      }
      resolve(results);
    };
    const look = () => {
      const lines = readFileSync(report, 'utf8').split('\n').slice(0, -1);
      for (const line of lines.slice(shown).map(line => JSON.parse(line))) {
        shown++;
        if (line.done) {
          return end();
        }
        results.push(line);
        tell(line);
      }
    };
    const watcher = watch(report, look);
    const timer = setTimeout(() => end('did not finish in time'), PATIENCE_MS);
    look();
  });
}

export function tell({ name, milliseconds = 0, error }) {
  console.log(
    `  ${error ? '✗' : '✓'} ${name} (${milliseconds} ms)${error ? `\n      ${error.replaceAll('\n', '\n      ')}` : ''}`
  );
}
