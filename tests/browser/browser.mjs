import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { becomes, PATIENCE, until } from './until.mjs';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
/** Where screenshots go; none are made without it. */
const SHOTS = process.env.PAYDOWN_SCREENSHOTS;

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
];

/** A squiggle of the document in front; one finding may have several. */
const SQUIGGLE = '.pd-Squiggle';

export function launch() {
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

/** A page of JupyterLab or Notebook 7, and what a user does there. */
export class JupyterPage {
  /** Errors of the page that paydown has a part in; Notebook 7 has one of its own. */
  errors = /** @type {string[]} */ ([]);

  /** @param {import('playwright-core').Page} page */
  constructor(page) {
    this.page = page;
    page.setDefaultTimeout(PATIENCE);
    page.on('pageerror', ({ stack = '' }) => {
      if (stack.includes('paydown')) {
        this.errors.push(stack);
      }
    });
    page.on('console', message => {
      if (message.type() === 'error' && message.text().includes('paydown')) {
        this.errors.push(message.text());
      }
    });
  }

  /** @param {import('playwright-core').Browser} browser */
  static async open(browser) {
    return new JupyterPage(await browser.newPage({ viewport: { width: 1360, height: 820 } }));
  }

  /** @param {string} name */
  async shot(name) {
    if (SHOTS) {
      mkdirSync(SHOTS, { recursive: true });
      await this.page.screenshot({ path: join(SHOTS, `${name}.png`) });
    }
  }

  /**
   * Run a command of the application.
   *
   * @param {string} id
   * @param {Record<string, unknown>} args
   * @param {{ wait?: boolean }} options whether to wait until it is done
   */
  async command(id, args = {}, { wait = true } = {}) {
    await this.page.evaluate(async ([id, args, wait]) => {
      const done = /** @type {any} */ (window).jupyterapp.commands.execute(id, args);
      if (wait) {
        await done;
      }
    }, /** @type {const} */ ([id, args, wait]));
  }

  /** What is in front: a notebook or an editor. */
  get front() {
    return this.page.locator('.jp-NotebookPanel:not(.lm-mod-hidden), .jp-FileEditor:visible').first();
  }

  /** @param {number} index */
  cell(index) {
    return this.front.locator('.jp-Cell').nth(index);
  }

  /** @param {number} index */
  squiggle(index) {
    return this.cell(index).locator(SQUIGGLE);
  }

  /** @param {number} index */
  async text(index) {
    const lines = await this.cell(index).locator('.cm-line').allTextContents();
    return lines.join('\n');
  }

  /**
   * The text under squiggles, by cell.
   *
   * @returns {Promise<Record<string, string>>}
   */
  async squiggles() {
    return this.front.evaluate((front, selector) => {
      /** @type {Record<string, string>} */
      const found = {};
      [...front.querySelectorAll('.jp-Cell')].forEach((cell, index) => {
        const text = [...cell.querySelectorAll(selector)].map(node => node.textContent).join('');
        if (text) {
          found[index] = text;
        }
      });
      return found;
    }, SQUIGGLE);
  }

  /** @param {Record<string, string>} expected */
  async expectSquiggles(expected) {
    await becomes('squiggles', expected, () => this.squiggles());
  }

  /**
   * Put the cursor at the end of a line of a cell, and the mouse where it points at nothing: a tooltip would be in the way.
   *
   * @param {number} index
   * @param {number} line
   */
  async putCursor(index, line = 0) {
    await this.cell(index).locator('.cm-line').nth(line).click();
    await this.page.mouse.move(5, 5);
    await this.page.keyboard.press('End');
  }

  /** Hover over a squiggle until its tooltip shows. */
  async hover(/** @type {number} */ index) {
    const tooltip = this.page.locator('.pd-Tooltip');
    await until('the tooltip shows', async () => {
      await this.page.mouse.move(5, 5);
      await this.squiggle(index).first().hover();
      return tooltip.waitFor({ timeout: 2000 }).then(() => true);
    });
    return tooltip;
  }

  get panel() {
    return this.page.locator('.pd-Panel');
  }

  get rows() {
    return this.panel.locator('.pd-Finding');
  }

  /** @param {string} message */
  row(message) {
    return this.rows.filter({ hasText: message });
  }

  /** The text that is selected in the focused editor, and the cell's number. */
  async selection() {
    return this.page.evaluate(() => {
      const { activeElement } = document;
      const front = activeElement?.closest('.jp-NotebookPanel');
      const cell = activeElement?.closest('.jp-Cell');
      const cells = [...(front?.querySelectorAll('.jp-Cell') ?? [])];
      return { text: window.getSelection()?.toString() ?? '', cell: cell ? cells.indexOf(cell) : -1 };
    });
  }

  /** @param {number} count */
  async expectFindings(count) {
    await becomes('findings in the panel', count, () => this.rows.count());
  }
}
