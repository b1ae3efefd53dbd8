// Notebook 7: no status bar, one document for each page.
import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { JupyterPage, launch } from './browser.mjs';
import { notebook, startJupyter } from './jupyter.mjs';
import { steps } from './steps.mjs';
import { becomes, until } from './until.mjs';

const IMPORT = 'from sklearn.model_selection import train_test_split';
const CALL = 'train_test_split(rows)';
const FILES = {
  'pyproject.toml': '[tool.paydown]\nselect = ["unseeded-randomness", "out-of-order-execution"]\n',
  'churn.ipynb': notebook([IMPORT, 'rows = list(range(10))', `train, test = ${CALL}`]),
  'script.py': `${IMPORT}\n\nrows = [1, 2, 3]\ntrain, test = ${CALL}\n`
};

/** @type {import('./jupyter.mjs').Jupyter} */
let jupyter;
/** @type {import('playwright-core').Browser} */
let browser;
/** @type {JupyterPage} */
let app;

describe('Notebook 7', { timeout: 600_000 }, () => {
  const step = steps(() => app.shot('notebook-failed'));

  before(async () => {
    jupyter = await startJupyter({ app: 'notebook', baseUrl: '/', files: FILES });
    browser = await launch();
    app = await JupyterPage.open(browser);
    await app.page.goto(jupyter.url('notebooks/churn.ipynb'));
  });

  after(async () => {
    await browser?.close();
    await jupyter?.stop();
  });

  step('marks debt and pays it off from the tooltip', async () => {
    await app.expectSquiggles({ 2: CALL });
    const tooltip = await app.hover(2);
    await app.shot('notebook-tooltip');
    await tooltip.locator('.pd-mod-fix').first().click();
    await app.expectSquiggles({});
    await app.putCursor(2);
    await app.page.keyboard.press('Control+z');
    await app.expectSquiggles({ 2: CALL });
  });

  step('has the panel, by the View menu too', async () => {
    await app.page.getByRole('menuitem', { name: 'View', exact: true }).click();
    await app.page.getByRole('menuitem', { name: 'Show the Debt Panel' }).click();
    await app.expectFindings(1);
    await app.shot('notebook-panel');
    await app.command('paydown:show');
    await app.expectFindings(1);
    await until('the panel stays', () => app.rows.first().isVisible());
    await app.rows.first().click();
    await becomes('the selection', { text: CALL, cell: 2 }, () => app.selection());
    await app.rows
      .first()
      .getByRole('button', { name: /^Explain/ })
      .click();
    await app.panel.locator('.pd-Page-body pre').first().waitFor();
    await app.page.keyboard.press('Escape');
    await app.expectFindings(1);
  });

  step('works in file editors', async () => {
    await app.page.goto(jupyter.url('edit/script.py'));
    const editor = app.page.locator('.jp-FileEditor');
    await editor.locator('.pd-Squiggle').first().waitFor();
    await editor.locator('.cm-line').first().click();
    await app.page.keyboard.press('F8');
    await app.page.locator('.pd-Tooltip .pd-mod-fix').first().click();
    await until('the call has a seed', async () =>
      ((await editor.locator('.cm-content').textContent()) ?? '').includes('random_state')
    );
  });

  step('starts no server for the list of files', async () => {
    await app.page.goto(jupyter.url('tree'));
    await app.page.locator('.jp-DirListing-item').first().waitFor();
    await until('no server runs', () => jupyter.languageServers().length === 0);
  });

  step('raises no error in the page', () => {
    assert.deepEqual(app.errors, []);
  });
});
