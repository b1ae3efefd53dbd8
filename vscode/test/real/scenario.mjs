// A user at work: opens a notebook, sees a squiggle, pays it off from the light bulb, accepts another with a reason.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { tell } from './inside.mjs';
import { startVSCode } from './window.mjs';

const PATIENCE = { timeout: 60_000 };

export async function scenario(browser, setting) {
  const code = await startVSCode(setting, {
    name: 'user',
    fixture: 'campaign',
    extensions: [setting.ours],
    settings: {
      'security.workspace.trust.enabled': false,
      'paydown.importStrategy': 'useBundled',
      'files.exclude': { '.venv': true, venv: true },
      'workbench.colorTheme': 'Default Light Modern',
      'editor.lightbulb.enabled': 'on'
    }
  });
  mkdirSync(setting.screenshots, { recursive: true });
  const page = await browser.newPage({ viewport: { width: 1150, height: 860 } });
  const results = [];
  const step = async (name, act) => {
    const start = Date.now();
    const result = { name };
    try {
      await act();
    } catch (error) {
      result.error = error.stack;
      await picture(`failed-${results.length}`);
    }
    result.milliseconds = Date.now() - start;
    results.push(result);
    tell(result);
    if (result.error) {
      throw new Stop();
    }
  };
  const picture = name => page.screenshot({ path: path.join(setting.screenshots, `${name}.png`) });

  const open = name => page.locator('.explorer-folders-view .monaco-list-row', { hasText: name }).dblclick();
  const cell = text =>
    page.locator('.notebookOverlay .cell.code, .notebookOverlay .code-cell-row', { hasText: text }).first();
  const entry = text => page.locator('.action-widget .monaco-list-row', { hasText: text }).first();
  const link = page.locator('.monaco-hover a.code-link:visible').first();
  // The menu ignores the pointer until it is moved, and playwright clicks only what it may click.
  const choose = async text => {
    await entry(text).waitFor(PATIENCE);
    const { x, y } = await entry(text).boundingBox();
    await page.mouse.move(x + 20, y + 8, { steps: 4 });
    await entry(text).click(PATIENCE);
  };
  const noHover = async () => {
    await page.mouse.move(5, 400);
    await link.waitFor({ ...PATIENCE, state: 'hidden' });
  };
  const lightBulbAt = async (row, word) => {
    await row.locator('.view-line span', { hasText: word }).last().click();
    await page.keyboard.press('Control+.');
  };

  try {
    await page.goto(code.url);
    await page
      .locator('.monaco-workbench .explorer-folders-view .monaco-list-row', { hasText: 'prepare.py' })
      .waitFor(PATIENCE);
    await step('a script has a squiggle', async () => {
      await open('prepare.py');
      await page.locator('.monaco-editor .squiggly-warning').first().waitFor(PATIENCE);
      await picture('script');
    });
    await step('the cells of a notebook have squiggles', async () => {
      await open('churn.ipynb');
      await cell('y_test = train_test_split').locator('.squiggly-warning').first().waitFor(PATIENCE);
      await cell('RandomForestClassifier(n_estimators').locator('.squiggly-warning').first().waitFor(PATIENCE);
      await picture('notebook');
    });
    await step('a hover over several findings says how to pay each of them off', async () => {
      await cell('churned = customers.pop').locator('.view-line span', { hasText: 'read_csv' }).last().hover();
      for (const name of ['unversioned-data-read', 'untyped-data-read']) {
        await page.locator('.monaco-hover a', { hasText: name }).waitFor(PATIENCE);
      }
      // VS Code shows the message of a hint only at its beginning: here the server's hover does.
      await page.locator('.monaco-hover p', { hasText: 'are guessed on every read' }).waitFor(PATIENCE);
      await picture('several');
      await noHover();
    });
    await step('the code in a hover opens the page of the rule', async () => {
      await cell('y_test = train_test_split')
        .locator('.view-line span', { hasText: 'train_test_split' })
        .last()
        .hover();
      await link.waitFor(PATIENCE);
      await picture('hover');
      await link.click();
      const shown = page
        .frameLocator('iframe.webview[src*="extensionId=vscode.markdown"]')
        .frameLocator('#active-frame');
      await shown.getByRole('heading', { name: 'unseeded-randomness' }).waitFor(PATIENCE);
      await shown.getByText('A random step is made without a seed').waitFor(PATIENCE);
      await noHover();
      await picture('page');
      await page.locator('.tab', { hasText: 'unseeded-randomness' }).locator('.tab-actions .action-label').click();
    });
    await step('the light bulb of a cell offers to pay off all of a kind, and does', async () => {
      const row = cell('y_test = train_test_split');
      await lightBulbAt(row, 'train_test_split');
      await entry('Accept this debt').waitFor(PATIENCE);
      await picture('light-bulb');
      await choose('Fix all');
      await row.locator('.view-line', { hasText: 'random_state' }).first().waitFor(PATIENCE);
      await row
        .locator('.squiggly-warning')
        .first()
        .waitFor({ ...PATIENCE, state: 'detached' });
      await picture('fixed');
    });
    await step('the language status says what is left', async () => {
      const status = page.locator('[id="status.languageStatus"]');
      await status.locator('[aria-label*="min of debt in 4 places"]').waitFor(PATIENCE);
      await status.hover();
      await page.getByText('min of debt in 4 places').first().waitFor(PATIENCE);
      await picture('status');
      await page.mouse.move(5, 400);
    });
    await step('accepting asks for a reason, and writes it down', async () => {
      const row = cell('RandomForestClassifier(n_estimators');
      await lightBulbAt(row, '0.37');
      await choose('Accept this debt');
      const input = page.locator('.quick-input-widget input');
      await input.waitFor(PATIENCE);
      await picture('reason');
      await input.fill('agreed with the sales team');
      await page.keyboard.press('Enter');
      await row
        .locator('.view-line', { hasText: 'accept[magic-threshold] agreed with the sales team' })
        .first()
        .waitFor(PATIENCE);
      await row
        .locator('.squiggly-warning')
        .first()
        .waitFor({ ...PATIENCE, state: 'detached' });
      await picture('accepted');
    });
    await step('the notebook on disk is as it was seen', async () => {
      await page.keyboard.press('Control+S');
      await page.locator('.tab.active.dirty').waitFor({ ...PATIENCE, state: 'detached' });
      const cells = JSON.parse(readFileSync(path.join(code.folder, 'churn.ipynb'), 'utf8')).cells.map(({ source }) =>
        [source].flat().join('')
      );
      assert.match(cells[3], /random_state/);
      assert.match(cells[4], /# paydown: accept\[magic-threshold\] agreed with the sales team/);
    });
    await step('nothing has popped up meanwhile', async () => {
      assert.equal(await page.locator('.notifications-toasts .notification-list-item').count(), 0);
    });
  } catch (error) {
    if (!(error instanceof Stop)) {
      throw error;
    }
  } finally {
    await page.close();
    await code.stop();
  }
  return results;
}

/** The steps build on each other: after a failed one the rest would only say the same. */
class Stop extends Error {}
